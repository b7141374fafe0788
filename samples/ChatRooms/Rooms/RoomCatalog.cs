namespace ChatRooms;

/// <summary>The rooms that exist. A name from a user is looked up here and used nowhere else before that.</summary>
internal sealed class RoomCatalog
{
    private static readonly string[] Colours =
        ["amber", "brave", "calm", "coral", "dusky", "early", "fuzzy", "gentle", "hazel", "ivory", "jolly", "keen", "lunar", "mossy", "noble", "quiet"];

    private static readonly string[] Animals = ["fox", "otter", "heron", "lynx", "panda", "robin", "whale"];

    private readonly Dictionary<string, int> _numbers;

    public RoomCatalog()
    {
        Names = [.. Colours.SelectMany(colour => Animals.Select(animal => $"{colour}-{animal}"))];
        _numbers = Names.Select((name, number) => (name, number)).ToDictionary(pair => pair.name, pair => pair.number, StringComparer.Ordinal);
    }

    /// <summary>112 names, more than may be active at once.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The catalogue's own instance of the name, or null.</summary>
    public string? Find(string? name) => name is not null && _numbers.TryGetValue(name, out var number) ? Names[number] : null;
}
