import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** An Admin client. Answers have the names of its getters. */
final class Administering implements Remote.Client {
  private final Admin admin;

  Administering(Map<String, Object> config) {
    admin = Admin.create(config);
  }

  @Override
  public Object call(String verb, JsonNode args) throws Exception {
    switch (verb) {
      case "createTopics": return createTopics(args);
      case "listTopics": return admin.listTopics().names().get();
      case "describeTopics": return describeTopics(args);
      case "createPartitions":
        admin.createPartitions(Map.of(topic(args), NewPartitions.increaseTo(args.get("partitions").asInt()))).all().get();
        return null;
      case "deleteTopics": admin.deleteTopics(texts(args.get("topics"))).all().get(); return null;
      case "deleteRecords": return admin.deleteRecords(
          Map.of(partition(args), RecordsToDelete.beforeOffset(args.get("offset").asLong())))
          .lowWatermarks().get(partition(args)).get().lowWatermark();
      case "describeConfigs": return describeConfigs(args);
      case "incrementalAlterConfigs": alterConfigs(args); return null;
      case "listOffsets": return listOffsets(args);
      case "describeCluster": return describeCluster();
      case "describeLogDirs": return describeLogDirs(args);
      case "describeProducers": return describeProducers(args);
      case "describeTransactions": return describeTransactions(args);
      case "listTransactions": return listTransactions(args);
      case "fenceProducers": return fenceProducers(args);
      case "abortTransaction": admin.abortTransaction(new AbortTransactionSpec(
          partition(args),
          args.get("producerId").asLong(),
          (short) args.get("producerEpoch").asInt(),
          args.get("coordinatorEpoch").asInt())).all().get();
        return null;
      case "describeMetadataQuorum": return describeQuorum();
      default: return GroupAdministration.call(admin, verb, args);
    }
  }

  private Object createTopics(JsonNode args) throws Exception {
    NewTopic topic = new NewTopic(topic(args),
        args.has("partitions") ? Optional.of(args.get("partitions").asInt()) : Optional.empty(),
        args.has("replicas") ? Optional.of((short) args.get("replicas").asInt()) : Optional.empty());
    if (args.has("configs")) {
      Map<String, String> configs = new TreeMap<>();
      args.get("configs").properties().forEach(entry -> configs.put(entry.getKey(), entry.getValue().asText()));
      topic.configs(configs);
    }
    var created = admin.createTopics(List.of(topic));
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("topicId", created.topicId(topic.name()).get().toString());
    words.put("numPartitions", created.numPartitions(topic.name()).get());
    words.put("replicationFactor", created.replicationFactor(topic.name()).get());
    words.put("config", described(created.config(topic.name()).get()));
    return words;
  }

  private Object describeTopics(JsonNode args) throws Exception {
    Map<String, Object> found = new TreeMap<>();
    for (var one : admin.describeTopics(texts(args.get("topics"))).allTopicNames().get().values()) {
      found.put(one.name(), Map.of(
          "topicId", one.topicId().toString(),
          "internal", one.isInternal(),
          "partitions", one.partitions().stream().map(partition -> Map.of(
              "partition", partition.partition(),
              "leader", partition.leader().id(),
              "replicas", partition.replicas().size(),
              "isr", partition.isr().size())).toList()));
    }
    return found;
  }

  private static ConfigResource resource(JsonNode args) {
    return args.has("topic")
        ? new ConfigResource(ConfigResource.Type.TOPIC, topic(args))
        : new ConfigResource(ConfigResource.Type.BROKER, args.get("broker").asText());
  }

  private Object describeConfigs(JsonNode args) throws Exception {
    ConfigResource resource = resource(args);
    return described(admin.describeConfigs(List.of(resource)).all().get().get(resource));
  }

  private static Object described(Config config) {
    Map<String, Object> found = new TreeMap<>();
    for (ConfigEntry entry : config.entries()) {
      Map<String, Object> words = new LinkedHashMap<>();
      words.put("value", entry.value());
      words.put("source", entry.source().name());
      words.put("type", entry.type() == null ? null : entry.type().name());
      words.put("readOnly", entry.isReadOnly());
      words.put("sensitive", entry.isSensitive());
      found.put(entry.name(), words);
    }
    return found;
  }

  private void alterConfigs(JsonNode args) throws Exception {
    Collection<AlterConfigOp> operations = new ArrayList<>();
    for (JsonNode one : args.get("operations")) {
      operations.add(new AlterConfigOp(
          new ConfigEntry(one.get("name").asText(), one.path("value").textValue()),
          AlterConfigOp.OpType.valueOf(one.get("type").asText())));
    }
    admin.incrementalAlterConfigs(Map.of(resource(args), operations)).all().get();
  }

  private static OffsetSpec specOf(JsonNode args) {
    return switch (args.get("spec").asText()) {
      case "earliest" -> OffsetSpec.earliest();
      case "latest" -> OffsetSpec.latest();
      case "maxTimestamp" -> OffsetSpec.maxTimestamp();
      case "earliestLocal" -> OffsetSpec.earliestLocal();
      case "latestTiered" -> OffsetSpec.latestTiered();
      case "earliestPendingUpload" -> OffsetSpec.earliestPendingUpload();
      default -> OffsetSpec.forTimestamp(args.get("spec").asLong());
    };
  }

  private Object listOffsets(JsonNode args) throws Exception {
    var found = admin.listOffsets(Map.of(partition(args), specOf(args))).partitionResult(partition(args)).get();
    return List.of(found.offset(), found.timestamp());
  }

  private Object describeCluster() throws Exception {
    DescribeClusterResult cluster = admin.describeCluster();
    return Map.of(
        "clusterId", cluster.clusterId().get(),
        "controller", cluster.controller().get().id(),
        "nodes", cluster.nodes().get().stream().map(node -> node.host() + ":" + node.port()).toList());
  }

  /** Bytes of a topic's partitions on the first broker. */
  private Object describeLogDirs(JsonNode args) throws Exception {
    int broker = admin.describeCluster().controller().get().id();
    Map<String, Object> sizes = new TreeMap<>();
    for (var directory : admin.describeLogDirs(List.of(broker)).descriptions().get(broker).get().values()) {
      directory.replicaInfos().forEach((partition, replica) -> {
        if (partition.topic().equals(topic(args))) sizes.put(partition.toString(), replica.size());
      });
    }
    return sizes;
  }

  private Object describeProducers(JsonNode args) throws Exception {
    List<Object> found = new ArrayList<>();
    for (var one : admin.describeProducers(List.of(partition(args))).partitionResult(partition(args)).get().activeProducers()) {
      found.add(Map.of(
          "producerId", one.producerId(),
          "producerEpoch", one.producerEpoch(),
          "lastSequence", one.lastSequence(),
          "coordinatorEpoch", one.coordinatorEpoch().orElse(-1),
          "currentTransactionStartOffset", one.currentTransactionStartOffset().orElse(-1)));
    }
    return found;
  }

  private Object describeTransactions(JsonNode args) throws Exception {
    String id = args.get("transactionalId").asText();
    var one = admin.describeTransactions(List.of(id)).description(id).get();
    return Map.of(
        "state", one.state().toString(),
        "producerId", one.producerId(),
        "producerEpoch", one.producerEpoch(),
        "transactionTimeoutMs", one.transactionTimeoutMs(),
        "hasStarted", one.transactionStartTimeMs().isPresent(),
        "topicPartitions", one.topicPartitions().stream().map(TopicPartition::toString).sorted().toList());
  }

  /** State by transactional id. */
  private Object listTransactions(JsonNode args) throws Exception {
    ListTransactionsOptions options = new ListTransactionsOptions();
    if (args.has("states")) {
      options.filterStates(texts(args.get("states")).stream()
          .map(org.apache.kafka.clients.admin.TransactionState::parse).collect(Collectors.toSet()));
    }
    Map<String, String> found = new TreeMap<>();
    for (var one : admin.listTransactions(options).all().get()) found.put(one.transactionalId(), one.state().toString());
    return found;
  }

  private Object fenceProducers(JsonNode args) throws Exception {
    String id = args.get("transactionalId").asText();
    var fenced = admin.fenceProducers(List.of(id));
    return Map.of("producerId", fenced.producerId(id).get(), "producerEpoch", fenced.epochId(id).get());
  }

  private Object describeQuorum() throws Exception {
    var quorum = admin.describeMetadataQuorum().quorumInfo().get();
    return Map.of(
        "leaderId", quorum.leaderId(),
        "leaderEpoch", quorum.leaderEpoch(),
        "voters", quorum.voters().size(),
        "observers", quorum.observers().size());
  }

  static String topic(JsonNode args) {
    return args.get("topic").asText();
  }

  static TopicPartition partition(JsonNode args) {
    return new TopicPartition(topic(args), args.path("partition").asInt());
  }

  static List<String> texts(JsonNode list) {
    List<String> found = new ArrayList<>();
    for (JsonNode one : list) found.add(one.asText());
    return found;
  }
}
