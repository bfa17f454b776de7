import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { SETTINGS, type Settings } from './settings.js';

/**
 * Gives the whole application its settings: `@Inject(SETTINGS) settings: Settings`, or
 * `ConfigService.get('millrace.http.port')`. They were read and checked once, before Nest started
 * (`loadSettings`), so neither .env files nor the environment are looked at again.
 */
@Module({})
export class ConfigurationModule {
  static forRoot(settings: Settings): DynamicModule {
    const millrace = registerAs('millrace', () => settings);
    return {
      module: ConfigurationModule,
      global: true,
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: true,
          ignoreEnvVars: true,
          skipProcessEnv: true,
          load: [millrace],
        }),
      ],
      providers: [{ provide: SETTINGS, useExisting: millrace.KEY }],
      exports: [SETTINGS],
    };
  }
}
