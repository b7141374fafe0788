namespace ChatRooms;

internal sealed record SessionRequest(string? Nickname);
