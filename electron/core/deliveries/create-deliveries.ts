import { randomUUID } from 'node:crypto';
import {
  deliverySettingsSchema,
  type DeliveryChannel,
  type DeliverySettings,
  type DeliveryView,
  type MailInput,
  type MailSettings,
  type WebhookInput,
  type WebhookSettings,
} from '../../../shared/model/alerts/deliveries';
import { AppError, appError } from '../../../shared/model/app-error';
import { eventSubject, eventText, webhookBody, type AlertEvent } from '../../../shared/rules/deliveries/alert-message';
import { whyNotMail, whyNotWebhook } from '../../../shared/rules/deliveries/check-deliveries';
import { mailText } from '../../../shared/rules/deliveries/mail-message';
import { directDial } from '../clusters/connect/direct-dial';
import type { BackoffRange } from '../platform/backoff';
import { keepDamaged, readPrivateFile, writePrivateFile } from '../platform/private-file';
import type { Secrets } from '../vault/secrets';
import { DeliveryQueue, type SendFailure } from './delivery-queue';
import { MailFailure, sendMail } from './send-mail';
import { sendWebhook, WebhookFailure } from './send-webhook';

/** What deliveries are made with. */
export interface DeliveriesDeps {
  /** The file of the settings, which hold no secret. */
  readonly path: string;
  readonly secrets: Pick<Secrets, 'read' | 'put' | 'replace' | 'remove'>;
  readonly now: () => number;
  readonly version: string;
  /** Between attempts and for one of them, ms; a test may shorten both. */
  readonly retry?: BackoffRange;
  readonly timeoutMs?: number;
}

/** Alerts that leave the app by a webhook and by mail. */
export interface Deliveries {
  /** Without secrets. */
  view(): DeliveryView;
  /** Rejects with `alert.delivery_refused` and with `vault.*`. */
  setWebhook(input: WebhookInput): Promise<void>;
  /** Rejects with `alert.delivery_refused` and with `vault.*`. */
  setMail(input: MailInput): Promise<void>;
  /** Sends a test by what is kept, whether or not it is on. Rejects with `alert.not_delivered`. */
  test(channel: DeliveryChannel): Promise<void>;
  /** Hands an event to every way that is on; never waits, and never throws. */
  deliver(event: AlertEvent): void;
  close(): void;
}

const TIMEOUT_MS = 15_000;

/** Reads what is kept. Rejects where its file cannot be reached at all. */
export async function createDeliveries(deps: DeliveriesDeps): Promise<Deliveries> {
  return new RunningDeliveries(deps, await readSettings(deps));
}

/** A file that cannot be read is set aside, and nothing is sent then. */
async function readSettings({ path, now }: DeliveriesDeps): Promise<DeliverySettings> {
  const text = await readPrivateFile(path);
  if (text === null) return deliverySettingsSchema.parse({});
  try {
    return deliverySettingsSchema.parse(JSON.parse(text));
  } catch {
    await keepDamaged(path, now());
    return deliverySettingsSchema.parse({});
  }
}

class RunningDeliveries implements Deliveries {
  readonly #deps: DeliveriesDeps;
  readonly #queues: Readonly<Record<DeliveryChannel, DeliveryQueue<AlertEvent>>>;
  #settings: DeliverySettings;

  constructor(deps: DeliveriesDeps, settings: DeliverySettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#queues = {
      webhook: this.#queue((event) => this.#sendWebhook(event)),
      mail: this.#queue((event) => this.#sendMail(event)),
    };
  }

  #queue(send: (event: AlertEvent) => Promise<void>): DeliveryQueue<AlertEvent> {
    const { now, retry } = this.#deps;
    return new DeliveryQueue<AlertEvent>({
      send,
      nameOf: eventSubject,
      failureOf,
      now,
      ...(retry === undefined ? {} : { retry }),
    });
  }

  async setWebhook(input: WebhookInput): Promise<void> {
    refuse(whyNotWebhook(input));
    const { token, on, url } = input;
    const before = this.#settings.webhook;
    // A token is for the receiver that it was entered for: another address does not get it.
    const kept = token ?? (originOf(url) === originOf(before.url) ? undefined : '');
    const tokenSecret = await this.#keep('token of the webhook', before.tokenSecret, kept);
    await this.#save({ ...this.#settings, webhook: { on, url, tokenSecret } });
    if (!on) this.#queues.webhook.clear();
  }

  async setMail(input: MailInput): Promise<void> {
    refuse(whyNotMail(input));
    const { password, ...mail } = input;
    const before = this.#settings.mail;
    const isSame = mail.host === before.host && mail.port === before.port && mail.username === before.username;
    const kept = password ?? (isSame ? undefined : '');
    const passwordSecret = await this.#keep('password of the mail server', before.passwordSecret, kept);
    await this.#save({ ...this.#settings, mail: { ...mail, passwordSecret } });
    if (!mail.on) this.#queues.mail.clear();
  }

  async test(channel: DeliveryChannel): Promise<void> {
    const { now } = this.#deps;
    const event: AlertEvent = { kind: 'test', clusterId: '', clusterTitle: '', alerts: [], at: now() };
    try {
      await this.#queues[channel].sendNow(event);
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      throw appError('alert.not_delivered', `The test was not delivered. ${failureOf(thrown).message}`, {
        hint: 'Correct the address or the server, save, and send the test again.',
        retryable: true,
      });
    }
  }

  deliver(event: AlertEvent): void {
    for (const channel of ['webhook', 'mail'] as const)
      if (this.#settings[channel].on) this.#queues[channel].add(event);
  }

  close(): void {
    for (const queue of Object.values(this.#queues)) queue.close();
  }

  /** The secret's id after the change: `undefined` leaves it, '' removes it. */
  async #keep(purpose: string, before: string | null, value: string | undefined): Promise<string | null> {
    const { secrets } = this.#deps;
    if (value === undefined) return before;
    if (value === '') {
      if (before !== null) await secrets.remove(before);
      return null;
    }
    if (before === null) return secrets.put(purpose, value);
    await secrets.replace(before, value);
    return before;
  }

  async #save(settings: DeliverySettings): Promise<void> {
    this.#settings = settings;
    await writePrivateFile(this.#deps.path, `${JSON.stringify(settings, null, 1)}\n`);
  }

  view(): DeliveryView {
    const { tokenSecret, ...webhook } = this.#settings.webhook;
    const { passwordSecret, ...mail } = this.#settings.mail;
    return {
      webhook: { ...webhook, hasToken: tokenSecret !== null, state: this.#queues.webhook.state() },
      mail: { ...mail, hasPassword: passwordSecret !== null, state: this.#queues.mail.state() },
    };
  }

  async #sendWebhook(event: AlertEvent): Promise<void> {
    const { url, tokenSecret }: WebhookSettings = this.#settings.webhook;
    if (url === '') throw notSet('The webhook has no address yet.');
    await sendWebhook({
      dial: directDial,
      url,
      token: await this.#secret(tokenSecret),
      body: webhookBody(event),
      version: this.#deps.version,
      timeoutMs: this.#deps.timeoutMs ?? TIMEOUT_MS,
    });
  }

  async #sendMail(event: AlertEvent): Promise<void> {
    const { host, port, security, from, to, username, passwordSecret }: MailSettings = this.#settings.mail;
    if (host === '') throw notSet('No mail server was named yet.');
    const password = await this.#secret(passwordSecret);
    const message = { from, to, subject: eventSubject(event), text: eventText(event), at: event.at };
    const id = randomUUID();
    await sendMail({
      dial: directDial,
      host,
      port,
      security,
      login: username === '' ? null : { username, password: password ?? '' },
      from,
      to,
      text: mailText({ ...message, id }, (text) => Buffer.from(text, 'utf8').toString('base64')),
      timeoutMs: this.#deps.timeoutMs ?? TIMEOUT_MS,
    });
  }

  async #secret(id: string | null): Promise<string | null> {
    if (id === null) return null;
    const value = await this.#deps.secrets.read(id);
    if (value !== undefined) return value;
    throw notSet('Its secret is not in the vault any more: enter it again.');
  }
}

function notSet(sentence: string): AppError {
  return appError('alert.delivery_refused', sentence, { hint: 'Complete it on the page of the alerts, and save.' });
}

function refuse(why: string | null): void {
  if (why !== null)
    throw appError('alert.delivery_refused', `${why} Nothing was saved.`, { hint: 'Correct it, and save again.' });
}

/** Scheme, host and port; '' where the text is no address. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** Errors of the vault pass once it is unlocked. */
function failureOf(thrown: unknown): SendFailure {
  if (thrown instanceof MailFailure || thrown instanceof WebhookFailure) return thrown;
  if (thrown instanceof AppError) return { message: thrown.message, isFinal: thrown.code === 'alert.delivery_refused' };
  return { message: 'It failed in a way that this app does not know.', isFinal: true };
}
