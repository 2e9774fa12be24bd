import { describe, expect, it } from 'vitest';
import { makeAdviceReport } from '../../../../shared/rules/advice/make-report';
import { adviceReportHtml, escapeHtml } from '../../../../shared/rules/advice/report-html';
import { changeMembers, notRead, wellAdviceFacts } from '../../../support/advice/advice-facts';

const HOSTILE = `<img src=x onerror=alert(1)>"'\`&\u202e\u0007</script>`;

function hostileReport() {
  const facts = changeMembers(wellAdviceFacts(), { own: { restAuthentication: false, path: HOSTILE } });
  const named = {
    ...facts,
    state: { ...facts.state, title: HOSTILE, scope: HOSTILE },
    members: facts.members.map((member) => ({
      ...member,
      name: `${member.name}${HOSTILE}`,
      postgres: notRead(HOSTILE),
    })),
  };
  return makeAdviceReport(named, named.now - 4_000);
}

const aside = {
  rule: 'rest_open' as const,
  severity: 'critical' as const,
  about: hostileReport().advice[0]?.about.slice() ?? [],
  reason: HOSTILE,
  by: HOSTILE,
  at: 0,
};

describe('the report as HTML', () => {
  const html = adviceReportHtml(hostileReport(), [aside], '1.0.0');

  it('has no markup, no script and no hidden character from any server', () => {
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/<script|<\/script|onerror=alert\(1\)>/i);
    expect(html).not.toMatch(/[\u202e\u0007]/);
    expect(html).toContain('&#60;img src=x onerror=alert(1)&#62;&#34;&#39;&#96;&#38;\\u202e\\u0007');
  });

  it('needs nothing from elsewhere, and forbids it', () => {
    expect(html).not.toMatch(/\b(?:href|src)="|url\(|@import|https?:\/\//);
    expect(html).toContain(`default-src 'none'`);
  });

  it('says when it was read, what was set aside and what was not checked', () => {
    expect(html).toContain('2026-08-31 23:59:56 UTC to 2026-09-01 00:00:00 UTC (4 s)');
    expect(html).toContain('<h2>Set aside</h2>');
    expect(html).toContain('<h2>Not checked</h2>');
    expect(html).toContain('1970-01-01 00:00:00 UTC');
  });

  it('has only tags that it opens and closes itself', () => {
    const tags = [...html.matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name);
    expect(new Set(tags)).toEqual(
      new Set(
        'html head meta title style body h1 p section h2 article h3 ul li span table thead tbody tr th td'.split(' '),
      ),
    );
  });
});

it('writes every character of a text that could be markup as its number', () => {
  expect(escapeHtml(`<a href="x">'&`)).toBe('&#60;a href=&#34;x&#34;&#62;&#39;&#38;');
});
