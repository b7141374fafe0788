namespace ChatRooms;

internal sealed record StoredMessage(string Id, string Shard, ChatMessage Message);
