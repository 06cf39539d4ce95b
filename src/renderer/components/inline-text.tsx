import { escaped, parts } from '../text/file-names.ts';

/** A file's name, shown so that it can do nothing and keeps its ending when there is no room. */
export function FileName({ name }: { readonly name: string }) {
  const { stem, tail } = parts(name);
  return (
    <bdi className="name" title={escaped(name)}>
      <span className="stem">{stem}</span>
      <span>{tail}</span>
    </bdi>
  );
}

/** An id or a path, to be read and copied. */
export function Mono({ children }: { readonly children: string }) {
  return <bdi className="mono">{escaped(children)}</bdi>;
}
