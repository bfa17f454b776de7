import { Catch, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Hands a handler's error to the module's server as it is. Nest's own filter would replace it by
 * "Internal server error" and lose code, kind and details.
 */
@Catch()
export class ErrorPassThroughFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
