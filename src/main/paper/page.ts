/** Text as it stands in HTML. */
export function html(text: string): string {
  const names: { readonly [c: string]: string } = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (c) => names[c] ?? c);
}

const STYLE = `
@page { margin: 14mm; }
* { box-sizing: border-box; }
body { margin: 0; color: #000; background: #fff; font: 9.5pt/1.35 "Liberation Sans", Arial, Helvetica, sans-serif; }
.page { max-width: 182mm; margin: 0 auto; break-after: page; }
.page:last-child { break-after: auto; }
@media screen { .page { padding: 14mm 0; } }
h1 { font-size: 17pt; margin: 0 0 1mm; }
h2 { font-size: 11pt; margin: 4mm 0 1mm; border-bottom: 0.3mm solid #000; }
p { margin: 1mm 0; }
code, .words, .share { font-family: "Liberation Mono", "Courier New", monospace; }
code { font-size: 8pt; overflow-wrap: anywhere; }
.secret { display: flex; gap: 6mm; align-items: flex-start; }
.words { columns: 4; flex: 1; margin: 1mm 0; padding: 0; list-style: none; font-size: 10.5pt; line-height: 1.75; }
.share { font-size: 13pt; line-height: 1.7; overflow-wrap: anywhere; }
.qr { width: 42mm; height: 42mm; flex: none; }
.share + .qr { width: 60mm; height: 60mm; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.5mm 3mm 0.5mm 0; }
th { font-weight: normal; white-space: nowrap; }
.steps { display: grid; grid-template-columns: 1fr 1fr; gap: 6mm; }
ol.do { margin: 1mm 0; padding-left: 5mm; }
ol.do li { margin: 0.6mm 0; }
`;

/** One document of pages, each the HTML of its contents; nothing in it is fetched or run. */
export function printed(title: string, pages: readonly string[]): string {
  const body = pages.map((page) => `<main class="page">${page}</main>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** Facts as a table: what it is called, and what it is, which stands in a fixed pitch. */
export function factTable(facts: readonly (readonly [string, string])[]): string {
  const rows = facts.map(
    ([name, value]) => `<tr><th>${html(name)}</th><td><code>${html(value)}</code></td></tr>`,
  );
  return `<table>${rows.join('')}</table>`;
}
