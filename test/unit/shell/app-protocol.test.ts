import { describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => ({ protocol: {} }));
const { CONTENT_SECURITY_POLICY, pageResponder } = await import('../../../src/main/shell/app-protocol.ts');

const asked: string[] = [];
const respond = pageResponder(
  ['index.html', 'assets/page-1.js', 'assets/page-1.css', 'names.weird'],
  async (name) => {
    asked.push(name);
    return new TextEncoder().encode(`of ${name}`);
  },
);
const get = (url: string, method = 'GET') => respond({ url, method });

describe('app://bundle/', () => {
  it('serves the files that the build named, with their types', async () => {
    const page = await get('app://bundle/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toBe('of index.html');
    const script = await get('app://bundle/assets/page-1.js?v=1#x');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    'app://bundle/..%2f..%2fx',
    'app://bundle/..%5c..%5cx',
    'app://bundle/../../etc/passwd',
    'app://bundle/assets/../index.html/x',
    'app://bundle/assets%2fpage-1.js',
    'app://bundle//index.html',
    'app://bundle/names.json',
    'app://bundle/names.weird',
    'app://bundle/constructor',
    'app://other/index.html',
    'app://bundle:1/index.html',
    'file:///index.html',
    'https://bundle/index.html',
    'nonsense',
  ])('answers %s with nothing', async (url) => {
    asked.length = 0;
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(asked).toEqual([]);
  });

  it('answers GET only', async () => {
    expect((await get('app://bundle/', 'POST')).status).toBe(404);
  });

  it('sends its policy with everything, also with refusals', async () => {
    for (const url of ['app://bundle/', 'app://bundle/nothing']) {
      const { headers } = await get(url);
      expect(headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    const rules = CONTENT_SECURITY_POLICY.split('; ');
    expect(rules).toContain("default-src 'none'");
    expect(rules).toContain("connect-src 'none'");
    expect(rules).toContain("frame-ancestors 'none'");
    expect(rules).toContain("require-trusted-types-for 'script'");
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|\*|data:|blob:|https?:/);
  });
});
