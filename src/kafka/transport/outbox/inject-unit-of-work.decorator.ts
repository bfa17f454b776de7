import { Inject } from '@nestjs/common';
import type { ModuleName } from '../../contracts/module-names.js';
import { unitOfWorkOf } from '../tokens.js';

/** Injects the UnitOfWork of a module. */
export const InjectUnitOfWork = (module: ModuleName): ParameterDecorator & PropertyDecorator =>
  Inject(unitOfWorkOf(module));
