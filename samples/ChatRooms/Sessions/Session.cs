using System.ComponentModel;

namespace ChatRooms;

/// <summary>Who somebody is. Immutable and sealed, so that the cache hands out the same instance instead of a copy per hit.</summary>
[ImmutableObject(true)]
internal sealed record Session(string UserId, string Nickname, long OpenedAt);
