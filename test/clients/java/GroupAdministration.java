import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** The part of an Admin client that is about groups. */
final class GroupAdministration {
  private GroupAdministration() {}

  static Object call(Admin admin, String verb, JsonNode args) throws Exception {
    switch (verb) {
      case "listConsumerGroups": return listGroups(admin);
      case "describeConsumerGroups": return describeGroup(admin, group(args));
      case "listConsumerGroupOffsets": return listOffsets(admin, group(args));
      case "alterConsumerGroupOffsets":
        admin.alterConsumerGroupOffsets(group(args), offsets(args.get("offsets"))).all().get();
        return null;
      case "deleteConsumerGroupOffsets":
        admin.deleteConsumerGroupOffsets(group(args), Set.of(Administering.partition(args))).all().get();
        return null;
      case "deleteConsumerGroups": admin.deleteConsumerGroups(List.of(group(args))).all().get(); return null;
      case "removeMembersFromConsumerGroup": removeMembers(admin, args); return null;
      default: throw new IllegalArgumentException(verb);
    }
  }

  private static String group(JsonNode args) {
    return args.get("group").asText();
  }

  /** {state, simple} by group. */
  @SuppressWarnings({"removal", "deprecation"})
  private static Object listGroups(Admin admin) throws Exception {
    Map<String, Object> found = new TreeMap<>();
    for (var one : admin.listConsumerGroups().all().get()) {
      found.put(one.groupId(), Map.of(
          "state", one.groupState().map(Object::toString).orElse("none"),
          "simple", one.isSimpleConsumerGroup()));
    }
    return found;
  }

  private static Object describeGroup(Admin admin, String group) throws Exception {
    var one = admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
    return Map.of(
        "state", one.groupState().toString(),
        "assignor", one.partitionAssignor(),
        "simple", one.isSimpleConsumerGroup(),
        "members", one.members().stream().map(GroupAdministration::describe).toList());
  }

  private static Object describe(MemberDescription member) {
    Map<String, Object> words = new LinkedHashMap<>();
    words.put("memberId", member.consumerId());
    words.put("clientId", member.clientId());
    words.put("host", member.host());
    words.put("groupInstanceId", member.groupInstanceId().orElse(null));
    words.put("assignment", member.assignment().topicPartitions().stream()
        .map(TopicPartition::toString).sorted().toList());
    return words;
  }

  private static Object listOffsets(Admin admin, String group) throws Exception {
    return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
        .filter(entry -> entry.getValue() != null)
        .collect(Collectors.toMap(entry -> entry.getKey().toString(),
            entry -> List.of(entry.getValue().offset(), entry.getValue().metadata())));
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(JsonNode list) {
    Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>();
    for (JsonNode one : list) {
      found.put(Administering.partition(one), new OffsetAndMetadata(one.get("offset").asLong(), one.path("metadata").asText("")));
    }
    return found;
  }

  /** Those with the named instances, or all. */
  private static void removeMembers(Admin admin, JsonNode args) throws Exception {
    RemoveMembersFromConsumerGroupOptions options = new RemoveMembersFromConsumerGroupOptions();
    if (args.has("instances")) {
      Set<MemberToRemove> members = new HashSet<>();
      for (JsonNode one : args.get("instances")) members.add(new MemberToRemove(one.asText()));
      options = new RemoveMembersFromConsumerGroupOptions(members);
    }
    admin.removeMembersFromConsumerGroup(group(args), options).all().get();
  }
}
