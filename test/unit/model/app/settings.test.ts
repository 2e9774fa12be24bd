import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../../shared/model/app/settings';

describe('the settings of an older or a younger version', () => {
  it('are read with every column shown where they say nothing of columns', () => {
    expect(settingsSchema.parse({ theme: 'dark' })).toMatchObject({
      theme: 'dark',
      hiddenMemberColumns: [],
      hiddenFleetColumns: [],
    });
  });

  it('keep all else where they hide a column that is not known', () => {
    const younger = { theme: 'dark', hiddenMemberColumns: ['timeline', 'moon'], hiddenFleetColumns: ['lag'] };
    expect(settingsSchema.parse(younger)).toMatchObject({
      theme: 'dark',
      hiddenMemberColumns: [],
      hiddenFleetColumns: ['lag'],
    });
  });
});
