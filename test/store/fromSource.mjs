/** Lets plain Node run the program's TypeScript as it is: the sources import each other without an ending, as bundlers allow. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const isOurs = context.parentURL?.includes('/src/') && !context.parentURL.includes('/node_modules/');
    return next(isOurs && /^\.{1,2}\//.test(specifier) ? `${specifier}.ts` : specifier, context);
  },
});
