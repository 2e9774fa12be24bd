import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../../shared/model/alerts/alert';
import {
  eventSubject,
  eventText,
  webhookBody,
  type AlertEvent,
} from '../../../../shared/rules/deliveries/alert-message';
import { whyNotMail, whyNotWebhook } from '../../../../shared/rules/deliveries/check-deliveries';
import { mailText } from '../../../../shared/rules/deliveries/mail-message';

const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const HOSTILE = 'orders\r\nBcc: all@example.com\r\n\r\n.\r\nMAIL FROM:<x>';

const alert = (change: Partial<Alert> = {}): Alert => ({
  id: 'a1',
  clusterId: 'c1',
  clusterTitle: HOSTILE,
  rule: 'no_leader',
  subject: `db1\n\nx`,
  severity: 'critical',
  sentence: `Nobody leads.\r\n.\r\nQUIT`,
  advice: 'Wait.',
  since: 1_800_000_000_000,
  raisedAt: 1_800_000_010_000,
  seenAt: 1_800_000_010_000,
  endedAt: null,
  hidden: false,
  notifiedAs: null,
  returned: 0,
  acknowledged: null,
  ...change,
});
const event = (change: Partial<AlertEvent> = {}): AlertEvent => ({
  kind: 'raised',
  clusterId: 'c1',
  clusterTitle: HOSTILE,
  alerts: [alert()],
  at: 1_800_000_020_000,
  ...change,
});
const message = (subject: string, text: string): string =>
  mailText(
    { from: 'm@example.com', to: ['a@example.com', 'b@example.com'], subject, text, at: 1_800_000_000_000, id: 'id1' },
    toBase64,
  );
const headersOf = (text: string): readonly string[] =>
  (text.split('\r\n\r\n')[0] ?? '').replaceAll('\r\n ', ' ').split('\r\n');

describe('a mail', () => {
  it('has the headers that were written and no others, whatever a cluster is called', () => {
    for (const subject of [HOSTILE, eventSubject(event()), 'Größe \u{1f418} and\u2028more', ''])
      expect(headersOf(message(subject, 'x')).map((line) => line.split(':')[0])).toEqual([
        'From',
        'To',
        'Subject',
        'Date',
        'Message-ID',
        'MIME-Version',
        'Content-Type',
        'Content-Transfer-Encoding',
        'Auto-Submitted',
      ]);
  });

  it('says its subject in encoded words that a reader puts together again', () => {
    const subject = 'Größe \u{1f418}: more than one word fits, and a half';
    const line = headersOf(message(subject, 'x')).find((one) => one.startsWith('Subject:')) ?? '';
    const words = [...line.matchAll(/=\?UTF-8\?B\?([^?]*)\?=/g)];
    expect(words.map(([, base64]) => Buffer.from(base64 ?? '', 'base64').toString('utf8')).join('')).toBe(subject);
    expect(words.every(([word]) => word.length <= 75)).toBe(true);
  });

  it('has a body in which no line begins with a dot or is long, and that reads as it was written', () => {
    const text = `.\r\nQUIT\r\n${'x'.repeat(500)} \u00e4`;
    const whole = message('s', text);
    const body = whole.slice(whole.indexOf('\r\n\r\n') + 4);
    for (const line of whole.split('\r\n')) {
      expect(line.length).toBeLessThanOrEqual(78);
      expect(line.startsWith('.')).toBe(false);
    }
    expect(Buffer.from(body, 'base64').toString('utf8')).toBe(text);
  });

  it('has its date as mail writes it', () => {
    expect(message('s', 't')).toContain('Date: Fri, 15 Jan 2027 08:00:00 +0000');
  });
});

describe('the words of an alert that leaves the app', () => {
  it('stand in one line each, whatever servers wrote', () => {
    expect(eventSubject(event())).not.toMatch(/[\r\n]/);
    expect(eventText(event()).split('\n')).toHaveLength(7);
    expect(eventSubject(event({ clusterTitle: 'x'.repeat(5_000) })).length).toBe(200);
  });

  it('as JSON are the alert as it is, with times in ISO 8601', () => {
    const body: unknown = JSON.parse(
      webhookBody(event({ kind: 'resolved', alerts: [alert({ endedAt: 1_800_000_015_000 })] })),
    );
    expect(body).toMatchObject({
      version: 1,
      event: 'resolved',
      sentAt: '2027-01-15T08:00:20.000Z',
      cluster: { id: 'c1', title: HOSTILE },
      alerts: [{ id: 'a1', rule: 'no_leader', severity: 'critical', endedAt: '2027-01-15T08:00:15.000Z' }],
    });
  });
});

describe('the settings of a webhook', () => {
  it.each([
    ['https://alerts.example.com/x?y=1', null],
    ['http://[::1]:8080/', null],
    ['ftp://example.com', 'http'],
    ['javascript:alert(1)', 'http'],
    ['file:///etc/passwd', 'http'],
    ['https://user:secret@example.com/', 'token'],
    ['https://example.com/\r\nX: y', 'blank'],
    ['https://', 'names no host'],
    ['https://example.com:99999/', 'names no host'],
    ['', 'http'],
  ])('are refused unless they can be used: %j', (url, why) => {
    const found = whyNotWebhook({ on: true, url });
    if (why === null) expect(found).toBeNull();
    else expect(found).toContain(why);
  });

  it('are refused with a token that would begin another header', () => {
    expect(whyNotWebhook({ on: true, url: 'https://e.com', token: 'a\r\nX: y' })).toContain('token');
    expect(whyNotWebhook({ on: false, url: '' })).toBeNull();
  });
});

describe('the settings of mail', () => {
  const good = {
    on: true,
    host: 'mail.example.com',
    port: 25,
    security: 'offered' as const,
    from: 'm@example.com',
    to: ['a@example.com'],
    username: '',
  };
  it.each([
    [{}, null],
    [{ host: 'localhost', username: 'u' }, null],
    [{ host: '::1', username: 'u' }, null],
    [{ username: 'u' }, 'verified'],
    [{ username: 'u', security: 'starttls' as const }, null],
    [{ from: 'a@b.c>\r\nRCPT TO:<x@y.z' }, 'sender'],
    [{ from: 'Ann <a@b.c>' }, 'sender'],
    [{ to: [] }, 'at least one'],
    [{ to: ['a@b.c', 'b c@d.e'] }, 'no mail address'],
    [{ host: 'a/b' }, 'server'],
    [{ host: '' }, 'server'],
  ])('are refused unless they can be used: %j', (change, why) => {
    const found = whyNotMail({ ...good, ...change });
    if (why === null) expect(found).toBeNull();
    else expect(found).toContain(why);
  });
});
