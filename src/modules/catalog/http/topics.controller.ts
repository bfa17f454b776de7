import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { etagOf } from '../../../common/etag.js';
import { PageQuery } from '../../../common/http/page-query.js';
import { mapPage } from '../../../common/paging.js';
import type { Topic } from '../domain/topic.js';
import { DeleteTopic } from '../use-cases/delete-topic.js';
import { GetTopic } from '../use-cases/get-topic.js';
import { ListTopics } from '../use-cases/list-topics.js';
import { PutTopic } from '../use-cases/put-topic.js';
import { DeleteTopicQuery, TopicBody } from './topic.body.js';
import { TopicPageView, TopicView, topicView } from './topic.view.js';

const show = (reply: FastifyReply, topic: Topic): TopicView => {
  reply.header('etag', etagOf(topic));
  return topicView(topic);
};

/** Topics over REST. */
@ApiTags('catalog')
@Controller('topics')
export class TopicsController {
  constructor(
    private readonly putTopic: PutTopic,
    private readonly getTopic: GetTopic,
    private readonly listTopics: ListTopics,
    private readonly deleteTopic: DeleteTopic,
  ) {}

  @Get()
  @RequireScope('manage')
  @ApiOperation({ summary: 'List topics by name.' })
  @ApiResponse({ status: 200, type: TopicPageView })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<TopicPageView> {
    return mapPage(await this.listTopics.execute(principal, limit, cursor), topicView);
  }

  @Get(':topic')
  @RequireScope('manage')
  @ApiOperation({ summary: 'Read a topic, as Kafka has it now.' })
  @ApiResponse({ status: 200, type: TopicView })
  async read(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TopicView> {
    return show(reply, await this.getTopic.execute(principal, name));
  }

  @Put(':topic')
  @RequireScope('manage')
  @ApiOperation({ summary: 'Make a topic, adopt one that Kafka has, or change one.' })
  @ApiResponse({ status: 201, type: TopicView, description: 'It was made or adopted.' })
  @ApiResponse({ status: 200, type: TopicView })
  async put(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') name: string,
    @Body() body: TopicBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TopicView> {
    const { topic, created } = await this.putTopic.execute(principal, name, body, ifMatch);
    reply.code(created ? 201 : 200);
    return show(reply, topic);
  }

  @Delete(':topic')
  @RequireScope('manage')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a topic with its events, or forget an adopted one.' })
  @ApiNoContentResponse()
  async remove(
    @CurrentPrincipal() principal: Principal,
    @Param('topic') name: string,
    @Query() { data }: DeleteTopicQuery,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    const deleteData = data === 'delete';
    await this.deleteTopic.execute(principal, name, { deleteData, ifMatch });
  }
}
