import { describe, expect, it } from 'vitest';
import { asksForPassword } from '../../../../electron/core/ssh/authenticate/auth';

describe('a stored password', () => {
  it.each([
    'Password:',
    'Password: ',
    'password',
    '(dba@db1) Password: ',
    "dba@db1's password: ",
    'Password for dba@db1:',
    'Passwort: ',
    'Mot de passe : ',
    'Пароль: ',
    '密码：',
  ])('answers the prompt %j, which plainly asks for it', (prompt) => {
    expect(asksForPassword(prompt, '')).toBe(true);
  });

  it.each([
    'Enter PASSCODE:',
    'One-time password:',
    'One-time password (OATH) for `dba`: ',
    'OTP Password:',
    'Verification code:',
    'New password:',
    'Retype new password: ',
    '(current) UNIX password: ',
    'Password + token:',
    'Password or PIN:',
    'Passphrase:',
    'Duo passcode or option (1-3): ',
    'Token password:',
    'Second factor password:',
    'Enter your next passcode:',
    'PIN:',
    '',
    'Password for the vault and the token:',
  ])('is never given to the prompt %j', (prompt) => {
    expect(asksForPassword(prompt, '')).toBe(false);
  });

  it.each(['Your password has expired', 'Enter the one-time code of your device', 'You must change your password'])(
    'is never given where the server says %j beside the prompt',
    (instructions) => {
      expect(asksForPassword('Password:', instructions)).toBe(false);
    },
  );
});
