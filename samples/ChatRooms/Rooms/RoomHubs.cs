using System.Collections.Frozen;

namespace ChatRooms;

/// <summary>One hub per room of the catalogue.</summary>
internal sealed class RoomHubs(RoomCatalog catalog, MessageLog log)
{
    private readonly FrozenDictionary<string, RoomHub> _hubs =
        catalog.Names.ToFrozenDictionary(name => name, name => new RoomHub(name, log), StringComparer.Ordinal);

    public RoomHub Of(string room) => _hubs[room];
}
