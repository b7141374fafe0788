using System.Collections.Frozen;

namespace ChatRooms;

/// <summary>One hub per room of the catalogue.</summary>
internal sealed class RoomHubs
{
    private readonly FrozenDictionary<string, RoomHub> _hubs;

    public RoomHubs(RoomCatalog catalog, MessageLog log, TimeProvider time) =>
        _hubs = catalog.Names.ToFrozenDictionary(name => name, name => new RoomHub(name, log, time, id => Said?.Invoke(id)), StringComparer.Ordinal);

    /// <summary>Called with the id of each message that this node has stored.</summary>
    public Action<string>? Said { get; set; }

    public IEnumerable<RoomHub> All => _hubs.Values;

    public RoomHub Of(string room) => _hubs[room];

    /// <summary>Null when there is no such room.</summary>
    public RoomHub? Find(string room) => _hubs.GetValueOrDefault(room);
}
