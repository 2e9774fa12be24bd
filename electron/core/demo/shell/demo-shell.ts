import { StringDecoder } from 'node:string_decoder';
import type { Duplex } from 'node:stream';
import type { DemoHost } from '../network/network';
import { LineEditor, type EditorEvent } from './line-editor';
import { patronictlText } from './patronictl';
import { psqlAnswer, psqlGreeting, psqlPrompt } from './psql';

/** What a simulated terminal starts with. */
export interface DemoShellStart {
  readonly kind: 'shell' | 'psql' | 'patronictl';
  readonly user: string;
  /** The path that the ready-made shell for patronictl was given. */
  readonly configPath: string;
}

/** What a terminal of a simulated server needs of the server. */
export interface DemoShellDeps {
  readonly host: DemoHost;
  /** Answers a command that is not interactive, as for a command over SSH. */
  readonly run: (argv: readonly string[], user: string) => { readonly code: number; readonly text: string };
  readonly words: (line: string) => readonly string[];
  readonly files: () => readonly string[];
  readonly exit: (code: number) => void;
}

/** What runs in front of the shell. */
type Running = { readonly name: string; readonly stop: () => void } | null;

const HELP = `A simulated server. It knows: ls, cat FILE, echo, clear, sleep, yes, hostname, uname, whoami, id, date,
systemctl, journalctl, patronictl list, psql, help, exit. The keys of a shell work: arrows, Ctrl+A, Ctrl+E, Ctrl+U, Ctrl+C, Ctrl+D.
`;
/** Bytes that \`yes\` writes at once. */
const BLOCK = 16 * 1024;

/** A terminal on a simulated server: a small shell, psql, and patronictl, which follow the simulated cluster. */
export class DemoShell {
  readonly #channel: Duplex;
  readonly #start: DemoShellStart;
  readonly #deps: DemoShellDeps;
  readonly #editor: LineEditor;
  readonly #decoder = new StringDecoder('utf8');
  #mode: 'shell' | 'psql' = 'shell';
  #statement = '';
  #running: Running = null;
  #typed = '';
  #hasEnded = false;

  constructor(channel: Duplex, start: DemoShellStart, deps: DemoShellDeps) {
    this.#channel = channel;
    this.#start = start;
    this.#deps = deps;
    this.#editor = new LineEditor((text) => {
      this.#write(text);
    });
    channel.on('data', (chunk: Buffer) => {
      this.#take(this.#decoder.write(chunk));
    });
    channel.on('close', () => {
      this.#hasEnded = true;
      this.#running?.stop();
    });
    this.#begin();
  }

  /** What has the foreground, by its name; null for the shell itself. */
  get foreground(): string | null {
    return this.#running?.name ?? (this.#mode === 'psql' ? 'psql' : null);
  }

  #begin(): void {
    const { host } = this.#deps;
    switch (this.#start.kind) {
      case 'shell':
        this.#say(`This is ${host.member.name}, a simulated server of the demo. Type "help" for what it knows.\n`);
        return this.#prompt();
      case 'psql':
        return this.#psql();
      case 'patronictl':
        this.#say(`$ patronictl -c ${this.#start.configPath} list\n${patronictlText(host, ['list'])}`);
        this.#say(`patronictl uses ${this.#start.configPath} in this shell.\n`);
        return this.#prompt();
    }
  }

  #take(keys: string): void {
    this.#typed += keys;
    while (this.#typed !== '' && !this.#hasEnded) {
      if (this.#running !== null) {
        if (!this.#interrupt()) return;
        continue;
      }
      const { event, rest } = this.#editor.feed(this.#typed);
      this.#typed = rest;
      if (event !== null) this.#act(event);
    }
  }

  /** While something runs only Ctrl+C is looked at; everything else waits for the shell. */
  #interrupt(): boolean {
    const at = this.#typed.indexOf('\u0003');
    if (at < 0) return false;
    this.#typed = this.#typed.slice(at + 1);
    this.#write('^C\r\n');
    this.#running?.stop();
    return true;
  }

  #act(event: EditorEvent): void {
    this.#deps.host.driver.catchUp();
    if (event.kind === 'end') return this.#leave(0);
    if (event.kind === 'interrupt') {
      this.#statement = '';
      return this.#prompt();
    }
    if (this.#mode === 'psql') this.#query(event.text);
    else this.#command(event.text);
  }

  #prompt(): void {
    if (this.#hasEnded) return;
    const { member } = this.#deps.host;
    const shell = `${this.#user()}@${member.name}:~${this.#user() === 'root' ? '#' : '$'} `;
    this.#editor.begin(this.#mode === 'psql' ? psqlPrompt(this.#deps.host, this.#statement !== '') : shell);
  }

  #user(): string {
    return this.#start.kind === 'shell' ? this.#start.user : 'postgres';
  }

  #psql(): void {
    const greeting = psqlGreeting(this.#deps.host);
    if (greeting === null) {
      this.#say(`PostgreSQL of ${this.#deps.host.member.name} does not run on this server (port 5432).\n`);
      if (this.#start.kind === 'psql') this.#exit(1);
      else this.#prompt();
      return;
    }
    this.#mode = 'psql';
    this.#say(greeting);
    this.#prompt();
  }

  #query(line: string): void {
    if (/^\s*(\\q|exit|quit)\s*$/.test(line)) return this.#leave(0);
    this.#statement = `${this.#statement} ${line}`.trim();
    const isWhole = this.#statement === '' || /;\s*$|^\\|^(help|\?)$/.test(this.#statement);
    if (isWhole) {
      const { host } = this.#deps;
      const answer = psqlAnswer(host, this.#statement);
      this.#statement = '';
      this.#say(answer);
    }
    this.#prompt();
  }

  #command(line: string): void {
    const [name = '', ...args] = withoutSudo(this.#deps.words(line));
    switch (name) {
      case '':
        return this.#prompt();
      case 'exit':
      case 'logout':
        return this.#leave(Number(args[0] ?? 0) || 0);
      case 'psql':
        return this.#psql();
      case 'yes':
        return this.#yes(`${args.join(' ') || 'y'}\r\n`);
      case 'sleep':
        return this.#sleep(Number(args[0] ?? 1));
      default:
        this.#say(this.#textOf(name, args));
        this.#prompt();
    }
  }

  #textOf(name: string, args: readonly string[]): string {
    const { host, run, files } = this.#deps;
    switch (name) {
      case 'help':
        return HELP;
      case 'clear':
        return '\u001b[H\u001b[2J\u001b[3J';
      case 'echo':
        return echoText(args);
      case 'pwd':
        return '/home/demo\n';
      case 'ls':
        return `${files().join('\n')}\n`;
      case 'patronictl':
        return patronictlText(host, args);
      default:
        return run([name, ...args], this.#user()).text;
    }
  }

  #sleep(seconds: number): void {
    const timer = setTimeout(
      () => {
        this.#stopRunning();
      },
      Math.min(3_600, Number.isFinite(seconds) ? Math.max(0, seconds) : 0) * 1_000,
    );
    this.#running = {
      name: 'sleep',
      stop: () => {
        clearTimeout(timer);
        this.#stopRunning();
      },
    };
  }

  /** Writes as long as the other side reads, as a program on a terminal does. */
  #yes(line: string): void {
    const block = line.repeat(Math.ceil(BLOCK / line.length));
    let runs = true;
    const write = (): void => {
      if (!runs || this.#hasEnded) return;
      if (this.#channel.write(block)) setImmediate(write);
      else this.#channel.once('drain', write);
    };
    this.#running = {
      name: 'yes',
      stop: () => {
        runs = false;
        this.#stopRunning();
      },
    };
    write();
  }

  #stopRunning(): void {
    this.#running = null;
    if (this.#hasEnded) return;
    this.#prompt();
    this.#take('');
  }

  #leave(code: number): void {
    if (this.#mode === 'psql' && this.#start.kind !== 'psql') {
      this.#mode = 'shell';
      this.#statement = '';
      return this.#prompt();
    }
    if (this.#mode === 'shell') this.#say('logout\n');
    this.#exit(code);
  }

  #exit(code: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#deps.exit(code);
  }

  /** Text as a terminal shows it: each line begins at the left. */
  #say(text: string): void {
    this.#write(text.replaceAll('\n', '\r\n'));
  }

  #write(text: string): void {
    if (!this.#hasEnded && this.#channel.writable) this.#channel.write(text);
  }
}

/** `echo`, with the escapes of -e by which a program would send sequences to the terminal. */
function echoText(args: readonly string[]): string {
  const escapes: Readonly<Record<string, string>> = { e: '\u001b', a: '\u0007', n: '\n', t: '\t', '\\': '\\' };
  if (args[0] !== '-e') return `${args.join(' ')}\n`;
  return `${args
    .slice(1)
    .join(' ')
    .replace(/\\([eant\\])/g, (_all, name: string) => escapes[name] ?? '')}\n`;
}

/** Everything runs as whoever is asked for: there is nothing to protect. */
function withoutSudo(words: readonly string[]): readonly string[] {
  if (words[0] !== 'sudo') return words;
  return words[1] === '-u' ? words.slice(3) : words.slice(1);
}
