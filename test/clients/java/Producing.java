import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/** A producer of strings. */
final class Producing implements Remote.Client {
  private final KafkaProducer<String, String> producer;

  Producing(Map<String, Object> config) {
    producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  @Override
  public Object call(String verb, JsonNode args) throws Exception {
    switch (verb) {
      case "send": return send(args.get("records"));
      case "count": return count(args);
      case "partitionsFor": return producer.partitionsFor(args.get("topic").asText()).size();
      case "init": producer.initTransactions(); return null;
      case "begin": producer.beginTransaction(); return null;
      case "commit": producer.commitTransaction(); return null;
      case "abort": producer.abortTransaction(); return null;
      case "sendOffsets": sendOffsets(args); return null;
      case "close": producer.close(Duration.ofSeconds(10)); return null;
      default: throw new IllegalArgumentException(verb);
    }
  }

  /** One {partition, offset, timestamp} or {error} for each record, once all are answered. */
  private List<Object> send(JsonNode records) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (JsonNode one : records) sent.add(producer.send(recordOf(one)));
    producer.flush();
    List<Object> answers = new ArrayList<>();
    for (Future<RecordMetadata> future : sent) answers.add(answer(future));
    return answers;
  }

  private static Object answer(Future<RecordMetadata> future) throws InterruptedException {
    Map<String, Object> words = new LinkedHashMap<>();
    try {
      RecordMetadata written = future.get();
      words.put("partition", written.partition());
      words.put("offset", written.offset());
      words.put("timestamp", written.timestamp());
    } catch (ExecutionException failure) {
      words.put("error", Remote.describe(failure));
    }
    return words;
  }

  /** Sends `count` records with the numbers from `from` as values, the key being number mod `keys`. */
  private Object count(JsonNode args) throws Exception {
    String topic = args.get("topic").asText();
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    int from = args.get("from").asInt();
    for (int i = from; i < from + args.get("count").asInt(); i++) {
      sent.add(producer.send(new ProducerRecord<>(topic, "k" + i % args.get("keys").asInt(), "" + i)));
    }
    producer.flush();
    for (Future<RecordMetadata> future : sent) future.get();
    return sent.size();
  }

  private static ProducerRecord<String, String> recordOf(JsonNode one) {
    JsonNode partition = one.get("partition");
    JsonNode timestamp = one.get("timestamp");
    ProducerRecord<String, String> built = new ProducerRecord<>(
        one.get("topic").asText(),
        partition == null ? null : Integer.valueOf(partition.asInt()),
        timestamp == null ? null : Long.valueOf(timestamp.asLong()),
        text(one.get("key")),
        text(one.get("value")));
    if (one.has("headers")) {
      for (JsonNode header : one.get("headers")) {
        String value = text(header.get(1));
        built.headers().add(header.get(0).asText(), value == null ? null : value.getBytes(StandardCharsets.UTF_8));
      }
    }
    return built;
  }

  private static String text(JsonNode node) {
    return node == null || node.isNull() ? null : node.asText();
  }

  @SuppressWarnings("removal")
  private void sendOffsets(JsonNode args) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (JsonNode one : args.get("offsets")) {
      offsets.put(
          new TopicPartition(one.get("topic").asText(), one.get("partition").asInt()),
          new OffsetAndMetadata(one.get("offset").asLong()));
    }
    JsonNode group = args.get("group");
    producer.sendOffsetsToTransaction(offsets, group.isTextual()
        ? new ConsumerGroupMetadata(group.asText())
        : Consuming.metadataOf(group));
  }
}
