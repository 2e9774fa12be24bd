import { z } from 'zod';

/** The ways by which alerts leave the app beside the desktop. Both are off until the user switches them on. */
export const deliveryChannels = ['webhook', 'mail'] as const;
/** One of these ways. */
export type DeliveryChannel = (typeof deliveryChannels)[number];

/** Where alerts are sent as JSON. `tokenSecret` names the bearer token in the vault. */
const webhookSchema = z.object({
  on: z.boolean().default(false),
  url: z.string().max(2_000).default(''),
  tokenSecret: z.string().nullable().default(null),
});
/** The webhook as it is kept. */
export type WebhookSettings = z.infer<typeof webhookSchema>;

const mailSecurities = ['offered', 'starttls', 'tls'] as const;
/** How mail is secured: TLS where the server offers it and unverified, TLS by STARTTLS or from the start and verified. */
export type MailSecurity = (typeof mailSecurities)[number];

/** To whom alerts are mailed, and by which server. `passwordSecret` names the password in the vault. */
const mailSchema = z.object({
  on: z.boolean().default(false),
  host: z.string().max(255).default(''),
  port: z.number().int().min(1).max(65_535).default(25),
  security: z.enum(mailSecurities).default('offered'),
  from: z.string().max(254).default(''),
  to: z.array(z.string().max(254)).max(20).default([]),
  /** '': the server wants no login. */
  username: z.string().max(200).default(''),
  passwordSecret: z.string().nullable().default(null),
});
/** Mail as it is kept. */
export type MailSettings = z.infer<typeof mailSchema>;

/** What is kept of both. */
export const deliverySettingsSchema = z.object({
  version: z.literal(1).default(1),
  webhook: webhookSchema.default(webhookSchema.parse({})),
  mail: mailSchema.default(mailSchema.parse({})),
});
/** The settings of both ways. */
export type DeliverySettings = z.infer<typeof deliverySettingsSchema>;

/** What the page sends; a secret that is left out stays as it is, '' removes it. */
export const webhookInputSchema = z.object({
  on: z.boolean(),
  url: z.string().max(2_000),
  token: z.string().max(2_000).optional(),
});
/** A webhook as the page sets it. */
export type WebhookInput = z.infer<typeof webhookInputSchema>;

/** What the page sends; a secret that is left out stays as it is, '' removes it. */
export const mailInputSchema = z.object({
  on: z.boolean(),
  host: z.string().max(255),
  port: z.number().int().min(1).max(65_535),
  security: z.enum(mailSecurities),
  from: z.string().max(254),
  to: z.array(z.string().max(254)).max(20),
  username: z.string().max(200),
  password: z.string().max(2_000).optional(),
});
/** Mail as the page sets it. */
export type MailInput = z.infer<typeof mailInputSchema>;

/** How a way fares. Times are ms since the epoch. */
export interface DeliveryState {
  readonly waiting: number;
  readonly lastSentAt: number | null;
  /** The last failure since something was sent; it is tried again while something waits. */
  readonly trouble: { readonly at: number; readonly sentence: string } | null;
  /** What was given up, the newest first. */
  readonly lost: readonly { readonly at: number; readonly what: string; readonly why: string }[];
}

/** The settings without secrets, and how both ways fare. */
export interface DeliveryView {
  readonly webhook: Omit<WebhookSettings, 'tokenSecret'> & {
    readonly hasToken: boolean;
    readonly state: DeliveryState;
  };
  readonly mail: Omit<MailSettings, 'passwordSecret'> & {
    readonly hasPassword: boolean;
    readonly state: DeliveryState;
  };
}
