import { Inject } from '@nestjs/common';
import type { ModuleName } from '../../contracts/module-names.js';
import { requestClientOf } from '../tokens.js';

/** Injects the RequestClient of a module that was imported with `sendsRequests: true`. */
export const InjectRequestClient = (module: ModuleName): ParameterDecorator & PropertyDecorator =>
  Inject(requestClientOf(module));
