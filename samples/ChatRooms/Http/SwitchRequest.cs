namespace ChatRooms;

internal sealed record SwitchRequest(bool? Enabled);
