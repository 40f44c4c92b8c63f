/** As Pulumi's own servers and clients have it: in bytes. */
const longestMessage = 400 * 1024 * 1024;

export const channelOptions = {
  "grpc.max_receive_message_length": longestMessage,
  "grpc.max_send_message_length": longestMessage,
};
