using System.Text.Json;

namespace ScaleKit.Analysis.Scale;

/// <summary>What things cost a month, in the reader's currency. The file is written where there is none, for the reader to edit.</summary>
internal sealed record PriceList(string Currency, double AppCore, double RedisNode, double RedisGib, double DatabaseShard, double DatabaseGib, double TrafficGib)
{
    private const string FileName = "scale-prices.json";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Round figures to begin with; they are nobody's offer.</summary>
    private static readonly PriceList Example = new("USD", AppCore: 25, RedisNode: 30, RedisGib: 10, DatabaseShard: 150, DatabaseGib: 0.15, TrafficGib: 0.02);

    /// <summary>Reads the file that was named, or the one in the folder of drawings.</summary>
    /// <exception cref="ArgumentException">It is missing, is no such list, or has a price below zero.</exception>
    public static PriceList Of(AnalysisArguments arguments)
    {
        var path = arguments.Text("prices");
        if (path.Length == 0)
        {
            path = arguments.FileFor(FileName);
            if (!File.Exists(path))
            {
                File.WriteAllText(path, JsonSerializer.Serialize(Example, Json));
            }
        }

        try
        {
            var prices = JsonSerializer.Deserialize<PriceList>(File.ReadAllText(path), Json);
            return prices is { Currency.Length: > 0 } && prices.All().All(price => price >= 0 && double.IsFinite(price))
                ? prices
                : throw new ArgumentException($"{path}: every price must be a number from 0, and the currency must have a name.", nameof(arguments));
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"--prices: '{path}' cannot be read as a list of prices: {unreadable.Message}", nameof(arguments), unreadable);
        }
    }

    /// <summary>The bill of a month, line by line. Every master of Redis has a replica, and so does every shard.</summary>
    public IReadOnlyList<(string Name, double Cost)> Lines(Demand demand) =>
    [
        ("application cores", demand.AppCores * AppCore),
        ("Redis nodes", demand.RedisMasters * 2 * RedisNode),
        ("Redis memory", demand.RedisGib / 0.6 * 2 * RedisGib),
        ("database shards", demand.UserShards * 2 * DatabaseShard),
        ("database storage", demand.UserGib * 2 * DatabaseGib),
        ("traffic", demand.TrafficGib * TrafficGib),
    ];

    private double[] All() => [AppCore, RedisNode, RedisGib, DatabaseShard, DatabaseGib, TrafficGib];
}
