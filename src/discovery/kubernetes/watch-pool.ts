import type { KubernetesServer } from '../../settings/kubernetes-settings.ts';
import { ApiClient, type ApiContext } from './api-client.ts';
import { type ApiServer, type LoopListener, WatchLoop } from './watch-loop.ts';
import type { WatchedResource, WatchScope } from './watched-resource.ts';

export type PoolContext = ApiContext & {
  /** Uniform in 0..1. */
  readonly random: () => number;
};

/** A part in a loop. */
export type SharedLoop<Resource extends WatchedResource> = {
  readonly loop: Pick<WatchLoop<Resource>, 'isComplete' | 'objects'>;
  /** The listener hears nothing more; the last one ends the loop. */
  readonly release: () => void;
};

/** One loop for each set of objects, however many entries of however many groups want them. */
export class WatchPool {
  readonly #context: PoolContext;
  readonly #servers = new Map<string, ApiServer>();
  readonly #loops = new Map<string, WatchLoop<WatchedResource>>();

  constructor(context: PoolContext) {
    this.#context = context;
  }

  /** Takes part in the loop of these objects; the first who does starts it. */
  share<Resource extends WatchedResource>(
    server: KubernetesServer,
    scope: WatchScope<Resource>,
    listener: LoopListener,
  ): SharedLoop<Resource> {
    const key = JSON.stringify([server, scope]);
    // What stands under a key of this scope was made for it.
    const known = this.#loops.get(key) as WatchLoop<Resource> | undefined;
    const loop = known ?? this.#create(server, scope);
    if (known === undefined) this.#loops.set(key, loop);
    loop.add(listener);
    return {
      loop,
      release: () => {
        if (loop.remove(listener)) this.#loops.delete(key);
      },
    };
  }

  #create<Resource extends WatchedResource>(server: KubernetesServer, scope: WatchScope<Resource>) {
    const { clock, random } = this.#context;
    return new WatchLoop(scope, { server: this.#serverOf(server), clock, random });
  }

  #serverOf(settings: KubernetesServer): ApiServer {
    const key = JSON.stringify(settings);
    const server = this.#servers.get(key) ?? {
      client: new ApiClient(settings, this.#context),
      sendsInitialEvents: true,
    };
    this.#servers.set(key, server);
    return server;
  }
}
