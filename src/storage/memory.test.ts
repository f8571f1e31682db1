import { MemoryObjectStore } from './memory.ts';
import { objectStoreSuite } from './object-store-suite.ts';

objectStoreSuite('memory', async () => ({ store: new MemoryObjectStore(), dispose: async () => {} }));
