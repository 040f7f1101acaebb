import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import type { Answer, JobDefinition, JobInstance, PoolRequest, PoolResponse } from "./pool.ts";

type AnyDefinition = JobDefinition<never, never, unknown, unknown>;
type AnyInstance = JobInstance<never, unknown, unknown>;
type Reply = (message: PoolResponse, transfer: readonly ArrayBuffer[]) => void;

/** The worker's side of the pool: keeps the instances of open jobs and answers requests in order. */
export function createPoolServer(
  definitions: readonly AnyDefinition[],
  reply: Reply,
): (request: PoolRequest) => Promise<void> {
  const known = new Map(definitions.map((d) => [d.name, d]));
  const instances = new Map<number, AnyInstance>();

  const instance = (job: number): AnyInstance => {
    const found = instances.get(job);
    if (found === undefined)
      throw new CryoloupeError("internal", `Job ${job} is not open in this worker.`);
    return found;
  };

  const answer = async (
    request: Exclude<PoolRequest, { kind: "close" }>,
  ): Promise<Answer<unknown>> => {
    switch (request.kind) {
      case "open": {
        const definition = known.get(request.name);
        if (definition === undefined)
          throw new CryoloupeError("internal", `This worker knows no job "${request.name}".`);
        instances.set(request.job, definition.create(request.init as never));
        return { value: undefined };
      }
      case "run":
        return await instance(request.job).run(request.task as never);
      case "finish": {
        const last = instance(request.job).finish();
        instances.delete(request.job);
        return last;
      }
    }
  };

  return async (request) => {
    if (request.kind === "close") {
      instances.delete(request.job);
      return;
    }
    try {
      const { value, transfer } = await answer(request);
      reply({ call: request.call, ok: true, value }, transfer ?? []);
    } catch (error) {
      reply({ call: request.call, ok: false, failure: toFailure(error) }, []);
    }
  };
}
