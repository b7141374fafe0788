namespace ChatRooms;

/// <summary>What the command line asked for.</summary>
internal sealed record ChatOptions
{
    public const int DefaultSimulated = 960;

    /// <summary>Where to listen; null: port 5080, or a free one when it is taken.</summary>
    public string? Urls { get; init; }

    /// <summary>How many simulated people connect; 0: none.</summary>
    public int Simulate { get; init; } = DefaultSimulated;

    /// <summary>Run without a person for so many seconds, check, print the result and end; null: run until stopped.</summary>
    public int? Seconds { get; init; }

    /// <summary>The Redis that the nodes share: host:port, or a whole connection string.</summary>
    public string? Redis { get; init; }

    /// <summary>Where the meters are sent by OTLP over HTTP; null: nowhere.</summary>
    public string? Otlp { get; init; }

    /// <summary>Be no node but the address before them: their URLs, with commas between.</summary>
    public string? Proxy { get; init; }

    /// <summary>Be no node but the people: where the application is that they use.</summary>
    public string? Drive { get; init; }

    /// <summary>Where the data lies; null: a temporary folder, deleted at the end.</summary>
    public string? Data { get; init; }

    public bool Help { get; init; }
}
