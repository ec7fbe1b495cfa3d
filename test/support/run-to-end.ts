/** What a job that may be stopped at each of its steps gives when it is never stopped. */
export function runToEnd<Result>(job: Generator<void, Result>): Result {
  for (let next = job.next(); ; next = job.next()) if (next.done === true) return next.value;
}
