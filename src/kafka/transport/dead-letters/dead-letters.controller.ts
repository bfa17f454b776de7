import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireScope } from '../../../common/http/route-access.js';
import { PageQuery } from '../../../common/http/page-query.js';
import { mapPage, type Page } from '../../../common/paging.js';
import {
  RedriveInput,
  showDeadLetter,
  showResults,
  type DeadLetterView,
} from './dead-letter.dto.js';
import { ListDeadLetters } from './list-dead-letters.js';
import { RedriveDeadLetters } from './redrive-dead-letters.js';

const REDRIVE_AT_MOST = 1_000;

/** For operators: the events between modules that a module gave up on. */
@ApiTags('transport')
@Controller('transport/:module/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly listDeadLetters: ListDeadLetters,
    private readonly redriveDeadLetters: RedriveDeadLetters,
  ) {}

  /** Dead letters that wait, oldest first, without their payloads. */
  @Get()
  @RequireScope('admin')
  async list(
    @Param('module') module: string,
    @Query() query: PageQuery,
  ): Promise<Page<DeadLetterView>> {
    const page = await this.listDeadLetters.execute(module, query.limit, query.cursor);
    return mapPage(page, showDeadLetter);
  }

  /** Handles dead letters again: those of the ids, or all (at most 1,000 a call). */
  @Post('redrive')
  @HttpCode(200)
  @RequireScope('admin')
  async redrive(@Param('module') module: string, @Body() input: RedriveInput) {
    const results = await this.redriveDeadLetters.execute(module, input.ids, REDRIVE_AT_MOST);
    return showResults(results);
  }
}
