import type { MailInput, WebhookInput } from '../../model/alerts/deliveries';
import { isHostPort } from '../../model/connect/host-port';

/** Characters that a header of HTTP or mail may hold, and no line break. */
const PRINTABLE = /^[\x21-\x7e]*$/;
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;

/** Why a webhook cannot be used so, as a sentence; null: it can. One that is off may be unfinished. */
export function whyNotWebhook({ on, url, token }: WebhookInput): string | null {
  if (!on && url === '') return null;
  if (!/^https?:\/\//i.test(url)) return 'The address has to begin with http:// or https://.';
  if (!PRINTABLE.test(url))
    return 'The address holds a blank or a character that has to be written in another way (%20).';
  const authority = url.replace(/^https?:\/\//i, '').split(/[/?#]/)[0] ?? '';
  if (authority.includes('@')) return 'Leave user and password out of the address: the token is kept in the vault.';
  if (!isHostPort(authority)) return 'The address names no host, or its port is out of range.';
  if (token !== undefined && !PRINTABLE.test(token)) return 'The token holds a blank or a line break.';
  return null;
}

/** Whether a text is a mail address that can be written into a header as it is. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && ADDRESS.test(text);
}

/** Why mail cannot be sent so, as a sentence; null: it can. What is off may be unfinished. */
export function whyNotMail(mail: MailInput): string | null {
  const { on, host, from, to, username, security } = mail;
  if (!on && host === '') return null;
  if (host === '' || host.includes('/') || !isHostPort(host.includes(':') ? `[${host}]` : host))
    return 'The server is a name or an address, without a port.';
  if (!isMailAddress(from)) return 'The sender has to be one mail address, such as matriarch@example.com.';
  if (to.length === 0) return 'Name at least one address to send to.';
  const wrong = to.find((address) => !isMailAddress(address));
  if (wrong !== undefined) return `${wrong} is no mail address.`;
  if (/[\u0000-\u001f\u007f]/.test(username)) return 'The user name holds a control character.';
  if (username !== '' && security === 'offered' && !LOOPBACK.test(host))
    return 'A password is sent only through TLS that is verified, or to this computer: choose STARTTLS or TLS.';
  return null;
}
