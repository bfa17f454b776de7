import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';

import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { PageQuery } from '../../../common/http/page-query.js';
import { mapPage } from '../../../common/paging.js';
import { CreateKey } from '../use-cases/create-key.js';
import { GetKey } from '../use-cases/get-key.js';
import { ListKeys } from '../use-cases/list-keys.js';
import { RevokeKey } from '../use-cases/revoke-key.js';
import { CreateKeyBody } from './create-key.body.js';
import { CreatedKeyView, KeyPageView, KeyView, keyView } from './key.view.js';

/** API keys. Only `admin` comes here: whoever makes keys could give itself any right. */
@ApiTags('access')
@Controller('keys')
export class KeysController {
  constructor(
    private readonly createKey: CreateKey,
    private readonly listKeys: ListKeys,
    private readonly getKey: GetKey,
    private readonly revokeKey: RevokeKey,
  ) {}

  @Post()
  @RequireScope('admin')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Make a key. The answer shows it, once.' })
  @ApiCreatedResponse({ type: CreatedKeyView })
  async create(@Body() body: CreateKeyBody): Promise<CreatedKeyView> {
    const { record, key } = await this.createKey.execute(body.id, {
      scopes: body.scopes,
      topics: body.topics ?? null,
      subscriptions: body.subscriptions ?? null,
      tenant: body.tenant ?? null,
    });
    return { ...keyView(record), key };
  }

  @Get()
  @RequireScope('admin')
  @ApiOperation({ summary: 'List keys by id.' })
  @ApiOkResponse({ type: KeyPageView })
  async list(@Query() { limit, cursor }: PageQuery): Promise<KeyPageView> {
    return mapPage(await this.listKeys.execute(limit, cursor), keyView);
  }

  @Get(':id')
  @RequireScope('admin')
  @ApiOperation({ summary: "Read a key's rights." })
  @ApiOkResponse({ type: KeyView })
  async read(@Param('id') id: string): Promise<KeyView> {
    return keyView(await this.getKey.execute(id));
  }

  @Delete(':id')
  @RequireScope('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a key. It stops working everywhere within a second.' })
  @ApiNoContentResponse()
  async revoke(@Param('id') id: string): Promise<void> {
    await this.revokeKey.execute(id);
  }
}
