import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A consumer of strings, which polls between commands from "start" on. With `commitAll` of "start" it
 * commits after every poll and before partitions are taken away: an orderly hand-over.
 */
final class Consuming implements Remote.Client, ConsumerRebalanceListener {
  private final KafkaConsumer<String, String> consumer;
  private final List<Object> records = new ArrayList<>();
  private final List<Object> events = new ArrayList<>();
  private boolean polling;
  private boolean commitAll;
  private Throwable failure;

  Consuming(Map<String, Object> config) {
    consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
  }

  @Override
  public boolean isBusy() {
    return polling;
  }

  @Override
  public void idle() {
    try {
      ConsumerRecords<String, String> polled = consumer.poll(Duration.ofMillis(50));
      for (ConsumerRecord<String, String> one : polled) records.add(describe(one));
      if (commitAll && !polled.isEmpty()) consumer.commitSync();
    } catch (RuntimeException broken) {
      failure = broken;
      polling = false;
    }
  }

  @Override
  public Object call(String verb, JsonNode args) throws Exception {
    switch (verb) {
      case "subscribe": consumer.subscribe(texts(args.get("topics")), this); return null;
      case "assign": consumer.assign(partitions(args.get("partitions"))); return null;
      case "start":
        commitAll = args.path("commitAll").asBoolean();
        polling = true;
        return null;
      case "stop": polling = false; return null;
      case "state": return state();
      case "seek": consumer.seek(partition(args), args.get("offset").asLong()); return null;
      case "seekToTime": return seekToTime(args);
      case "pause": consumer.pause(partitions(args.get("partitions"))); return null;
      case "resume": consumer.resume(partitions(args.get("partitions"))); return null;
      case "commit": consumer.commitSync(offsets(args.get("offsets"))); return null;
      case "commitPositions": consumer.commitSync(); return null;
      case "commitAsync": return commitAsync(args);
      case "committed": return consumer.committed(new java.util.HashSet<>(partitions(args.get("partitions"))))
          .entrySet().stream()
          .filter(entry -> entry.getValue() != null)
          .collect(Collectors.toMap(entry -> entry.getKey().toString(),
              entry -> List.of(entry.getValue().offset(), entry.getValue().metadata())));
      case "beginningOffsets": return named(consumer.beginningOffsets(partitions(args.get("partitions"))));
      case "endOffsets": return named(consumer.endOffsets(partitions(args.get("partitions"))));
      case "position": return consumer.position(partition(args));
      case "listTopics": return listTopics();
      case "groupMetadata": return describe(consumer.groupMetadata());
      case "close": return close();
      default: throw new IllegalArgumentException(verb);
    }
  }

  /** What was read and what befell since the last call: {records, events, assignment, failure}. */
  private Object state() {
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("records", List.copyOf(records));
    words.put("events", List.copyOf(events));
    words.put("assignment", names(consumer.assignment()));
    words.put("failure", failure == null ? null : Remote.describe(failure));
    records.clear();
    events.clear();
    return words;
  }

  /** What was read up to the end; nothing is polled between. */
  private Object close() {
    polling = false;
    Object last = state();
    consumer.close();
    return last;
  }

  private Object seekToTime(JsonNode args) {
    Map<TopicPartition, Long> times = Map.of(partition(args), args.get("time").asLong());
    OffsetAndTimestamp found = consumer.offsetsForTimes(times).get(partition(args));
    if (found == null) return null;
    if (consumer.assignment().contains(partition(args))) consumer.seek(partition(args), found.offset());
    return List.of(found.offset(), found.timestamp());
  }

  private Object commitAsync(JsonNode args) {
    CompletableFuture<Object> done = new CompletableFuture<>();
    consumer.commitAsync(offsets(args.get("offsets")), (offsets, error) -> {
      if (error == null) done.complete(offsets.size());
      else done.completeExceptionally(error);
    });
    while (!done.isDone()) consumer.poll(Duration.ofMillis(20));
    return done.join();
  }

  private Object listTopics() {
    Map<String, Object> found = new HashMap<>();
    for (Map.Entry<String, List<PartitionInfo>> entry : consumer.listTopics().entrySet()) {
      found.put(entry.getKey(), entry.getValue().size());
    }
    return found;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    events.add(List.of("assigned", names(partitions)));
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (commitAll && !partitions.isEmpty()) consumer.commitSync();
    events.add(List.of("revoked", names(partitions)));
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    events.add(List.of("lost", names(partitions)));
  }

  private static Object describe(ConsumerRecord<String, String> one) {
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("topic", one.topic());
    words.put("partition", one.partition());
    words.put("offset", one.offset());
    words.put("timestamp", one.timestamp());
    words.put("timestampType", one.timestampType().toString());
    words.put("key", one.key());
    words.put("value", one.value());
    List<Object> headers = new ArrayList<>();
    for (Header header : one.headers()) {
      List<String> pair = new ArrayList<>();
      pair.add(header.key());
      pair.add(header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8));
      headers.add(pair);
    }
    words.put("headers", headers);
    return words;
  }

  private static Object describe(ConsumerGroupMetadata group) {
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("groupId", group.groupId());
    words.put("generationId", group.generationId());
    words.put("memberId", group.memberId());
    words.put("groupInstanceId", group.groupInstanceId().orElse(null));
    return words;
  }

  /** The reverse of the description. */
  @SuppressWarnings("removal")
  static ConsumerGroupMetadata metadataOf(JsonNode group) {
    return new ConsumerGroupMetadata(
        group.get("groupId").asText(),
        group.get("generationId").asInt(),
        group.get("memberId").asText(),
        Optional.ofNullable(group.get("groupInstanceId").textValue()));
  }

  private static Collection<String> names(Collection<TopicPartition> partitions) {
    return partitions.stream().map(TopicPartition::toString).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Map<String, Long> named(Map<TopicPartition, Long> offsets) {
    return offsets.entrySet().stream()
        .collect(Collectors.toMap(entry -> entry.getKey().toString(), Map.Entry::getValue));
  }

  private static TopicPartition partition(JsonNode args) {
    return new TopicPartition(args.get("topic").asText(), args.get("partition").asInt());
  }

  private static List<TopicPartition> partitions(JsonNode list) {
    List<TopicPartition> found = new ArrayList<>();
    for (JsonNode one : list) found.add(partition(one));
    return found;
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(JsonNode list) {
    Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>();
    for (JsonNode one : list) {
      found.put(partition(one),
          new OffsetAndMetadata(one.get("offset").asLong(), one.path("metadata").asText("")));
    }
    return found;
  }

  private static List<String> texts(JsonNode list) {
    List<String> found = new ArrayList<>();
    for (JsonNode one : list) found.add(one.asText());
    return found;
  }
}
