import { BaseRpcContext } from '@nestjs/microservices';
import type { IncomingCommand } from '../command-message.ts';
import type { WorkDelivery } from '../work-delivery.ts';

/** What a handler of the trigger transport gets as context; its payload is the same delivery. */
export class DeliveryContext extends BaseRpcContext<[WorkDelivery]> {
  get delivery(): WorkDelivery {
    return this.args[0];
  }
}

/** What a handler of the command transport gets as context; its payload is the same command. */
export class CommandContext extends BaseRpcContext<[IncomingCommand]> {
  get command(): IncomingCommand {
    return this.args[0];
  }
}
