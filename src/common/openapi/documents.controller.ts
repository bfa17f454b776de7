import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags, type OpenAPIObject } from '@nestjs/swagger';

import { allContracts } from '../../kafka/contracts/index.js';
import { RequireScope } from '../http/route-access.js';
import { asyncApiDocument, type AsyncApiDocument } from './asyncapi-document.js';
import { OpenApiDocument } from './openapi-document.js';

/** The descriptions of what this process offers; any valid key reads them. */
@ApiTags('operations')
@Controller()
export class DocumentsController {
  constructor(private readonly openApi: OpenApiDocument) {}

  @Get('openapi.json')
  @RequireScope()
  @ApiOperation({ summary: 'OpenAPI description of the REST routes of this process.' })
  rest(): OpenAPIObject {
    return this.openApi.read();
  }

  @Get('asyncapi.json')
  @RequireScope()
  @ApiOperation({ summary: 'AsyncAPI description of the Kafka side.' })
  kafka(): AsyncApiDocument {
    return asyncApiDocument(allContracts);
  }
}
