import { z } from 'zod';
import { alertSchema, alertSettingsSchema, type Alert, type AlertSettings } from '../../../shared/model/alerts/alert';
import { keepDamaged, readPrivateFile, writePrivateFile } from '../platform/private-file';

/** What is kept of alerts over a restart of the app. */
export interface KeptAlerts {
  readonly settings: AlertSettings;
  readonly alerts: readonly Alert[];
}

const fileSchema = z.object({ settings: alertSettingsSchema, alerts: z.array(alertSchema).catch([]) });

/** Reads what was kept; a file that cannot be read is set aside under another name, and nothing is muted then. */
export async function readAlerts(path: string, now: number): Promise<KeptAlerts> {
  const text = await readPrivateFile(path);
  if (text === null) return { settings: alertSettingsSchema.parse({}), alerts: [] };
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    await keepDamaged(path, now);
    return { settings: alertSettingsSchema.parse({}), alerts: [] };
  }
}

/** Keeps alerts and settings, whole or not at all. */
export function writeAlerts(path: string, kept: KeptAlerts): Promise<void> {
  return writePrivateFile(path, `${JSON.stringify(kept, null, 1)}\n`);
}
