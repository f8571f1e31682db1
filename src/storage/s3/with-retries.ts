import { failureOf } from './s3-failure.ts';

export interface RetryPolicy {
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly firstDelay: number;
  /** Milliseconds. */
  readonly longestDelay: number;
}

/** Up to eleven seconds in all: shorter than clients wait for an answer, longer than most stores need to come back. */
export const PATIENT: RetryPolicy = { attempts: 8, firstDelay: 100, longestDelay: 5_000 };

/** For whoever wants to know how it is now. */
export const IMPATIENT: RetryPolicy = { attempts: 2, firstDelay: 100, longestDelay: 100 };

/**
 * Tries again what failed for a reason that passes. Throws the last failure: an `S3Failure`, or whatever a defect threw.
 * @param signal who has asked is gone: nothing is tried again
 */
export async function withRetries<T>(policy: RetryPolicy, attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt();
    } catch (error) {
      const failure = failureOf(error);
      if (!failure || signal?.aborted) throw error;
      if (!failure.isPassing || number >= policy.attempts) throw failure;
      await backOff(policy, number);
    }
  }
}

/** Waits, with a random part, so that many who failed at once do not come back at once. @param number of attempts that failed */
export function backOff(policy: RetryPolicy, number: number): Promise<void> {
  const longest = Math.min(policy.longestDelay, policy.firstDelay * 2 ** (number - 1));
  return Bun.sleep(longest / 2 + (Math.random() * longest) / 2);
}
