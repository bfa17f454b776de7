import { Injectable, type PipeTransform } from '@nestjs/common';

import { RequestInvalid } from '../../../common/http/request-errors.js';

const MESSAGE = 'The version must be an integer from 1.';

/** A path parameter that is a version number. */
@Injectable()
export class VersionPipe implements PipeTransform<string, number> {
  /** @throws RequestInvalid */
  transform(text: string): number {
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    throw new RequestInvalid(MESSAGE, [{ path: 'version', message: MESSAGE }]);
  }
}
