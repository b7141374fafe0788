namespace ChatRooms;

internal sealed record SessionAnswer(string? Session, string UserId, string Nickname);
