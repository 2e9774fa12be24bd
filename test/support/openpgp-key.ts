/** An ed25519 key made by gpg for tests alone, armoured as gpg armours it. */
export const KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawQDRxYJKwYBBAHaRw8BAQdAluD/0/EbjXeCq2aYSM2r4S71yXxJbyo5juFe
4Nr+mAG0D3Rlc3QgPHRlc3RAbGFiPoiQBBMWCAA4FiEEt+8ydxp+fJJ8UgddbYVr
5iurpKcFAmsEA0cCGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQbYVr5iur
pKe5SQEA+qob/pQ5yb7eqr6gG21BEpoGZCU6vzGLB3XCDcWJCnMA/3HwBJeP8WB0
I6BSdIVSb1Q99ya3B2UmZI8ht2VxPMQF
=/1e5
-----END PGP PUBLIC KEY BLOCK-----
`;

/** The fingerprint that gpg shows for it. */
export const FINGERPRINT = 'B7EF32771A7E7C927C52075D6D856BE62BABA4A7';
