namespace ChatRooms;

/// <summary>Messages, the newest first, and the cursor of the page after; null where the room begins.</summary>
internal sealed record HistoryPage(IReadOnlyList<MessageFrame> Messages, string? Next);
