namespace ChatRooms;

internal sealed record MigrationRequest(string? To);
