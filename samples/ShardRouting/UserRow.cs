namespace ShardRouting;

/// <summary>A user as stored.</summary>
internal sealed record UserRow(string Id, int Slot, string Name);
