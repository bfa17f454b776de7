import type { Dispatcher } from 'undici';
import type { Clock } from '../../../common/clock.js';
import type { AttemptResult } from '../domain/attempt-result.js';
import { judgeAnswer } from '../domain/judge-answer.js';
import { connectionFailure, type ConnectionFailure } from './connection-failure.js';
import { answerBodyBytes, answerShownBytes, interimAnswers } from './send-limits.js';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What an attempt waits for, and what its time-out is called then. */
const timeouts = {
  connection: ['WEBHOOKS.TIMEOUT_CONNECT', 'The receiver could not be connected to in time.'],
  headers: ['WEBHOOKS.TIMEOUT_HEADERS', 'The receiver did not answer in time.'],
  body: ['WEBHOOKS.TIMEOUT_BODY', "The receiver's answer did not end in time."],
} as const;

const failure = ({ outcome, error }: ConnectionFailure, durationMs: number): AttemptResult =>
  outcome === 'refused'
    ? { outcome, error, durationMs }
    : { outcome, error, slowDown: false, durationMs };

/** Told once how an attempt ended. */
export interface AttemptListener {
  settle(result: AttemptResult): void;
  abandoned(reason: Error): void;
}

/**
 * One attempt as undici tells it, from its start to its result. Gives a result once, whatever
 * follows.
 *
 * One deadline covers connection, headers and body: undici's own time-outs tick in half seconds
 * and start again with every byte, so that a slow drip would never end.
 *
 * When the body of an answer is cut:
 * - By its size: the status decides. The limit is ours; the receiver has said 2xx and was still
 *   talking when we stopped to listen.
 * - By time or by a lost connection, after 2xx: failed. An answer is complete only with its body
 *   (RFC 9112, section 8), and a receiver that hangs or breaks off may have failed after its
 *   headers. The same message id lets it notice a repeat.
 * - After any other status: that status decides, since no body would make it a success.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  /** Its place among the attempts of its signal: AttemptsUnderWay's own. */
  place = -1;
  private done = false;
  private waitsFor: keyof typeof timeouts = 'connection';
  private controller: Dispatcher.DispatchController | undefined;
  private readonly startedMs: number;
  private readonly deadline: NodeJS.Timeout;
  private status = 0;
  private retryAfter: string | undefined;
  private interim = 0;
  private received = 0;
  private readonly shown: Buffer[] = [];

  constructor(
    timeoutMs: number,
    private readonly clock: Clock,
    private readonly listener: AttemptListener,
  ) {
    this.startedMs = clock.monotonicMs();
    this.deadline = setTimeout(() => this.expire(), timeoutMs);
  }

  /** Whether it has a result, or was abandoned. */
  get ended(): boolean {
    return this.done;
  }

  /** Breaks the attempt off without a result. What the receiver made of it stays unknown. */
  abandon(reason: Error): void {
    if (this.done) return;
    this.end();
    this.hangUp();
    this.listener.abandoned(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.done) this.hangUp();
    else this.waitsFor = 'headers';
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) {
      this.countInterim();
      return;
    }
    this.waitsFor = 'body';
    this.status = status;
    const retryAfter = headers['retry-after'];
    this.retryAfter = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    const missing = answerShownBytes - this.received;
    // A copy, so that the rest of the chunk can go.
    if (missing > 0 && !this.successful) this.shown.push(Buffer.from(chunk.subarray(0, missing)));
    this.received += chunk.length;
    if (this.received <= answerBodyBytes) return;
    this.finishByStatus();
    this.hangUp();
  }

  onResponseEnd(): void {
    this.finishByStatus();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.status !== 0 && !this.successful) this.finishByStatus();
    else this.finish((durationMs) => failure(connectionFailure(error), durationMs));
  }

  private countInterim(): void {
    this.interim += 1;
    if (this.interim <= interimAnswers) return;
    this.fail('WEBHOOKS.ANSWER_INVALID', 'The receiver sent interim answers without end.');
    this.hangUp();
  }

  private get successful(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  private expire(): void {
    const [code, message] = timeouts[this.waitsFor];
    if (this.waitsFor === 'body' && !this.successful) this.finishByStatus();
    else this.fail(code, message);
    this.hangUp();
  }

  private finishByStatus(): void {
    const { status, retryAfter } = this;
    this.finish((durationMs) =>
      judgeAnswer(
        { status, retryAfter, begin: Buffer.concat(this.shown) },
        durationMs,
        this.clock.now(),
      ),
    );
  }

  private fail(code: string, message: string): void {
    const failed: ConnectionFailure = { outcome: 'failed', error: { code, message } };
    this.finish((durationMs) => failure(failed, durationMs));
  }

  private finish(result: (durationMs: number) => AttemptResult): void {
    if (this.done) return;
    this.end();
    this.listener.settle(result(Math.round(this.clock.monotonicMs() - this.startedMs)));
  }

  private end(): void {
    this.done = true;
    clearTimeout(this.deadline);
  }

  /** Closes the connection, once there is one: nothing of this answer is read any more. */
  private hangUp(): void {
    this.controller?.abort(new Error('The attempt has ended.'));
  }
}
