using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ShardRouting;

/// <summary>What was typed.</summary>
internal sealed class SampleOptions
{
    private const string Usage = """
        Four SQLite shards are filled, a fifth is planned and joins in waves, and every row is then looked for on its owner.
          --rows N      rows, from 1 to 5,000,000 (20,000)
          --data DIR    where the shard files stay (a temporary folder, deleted at the end)
        """;

    public int Rows { get; private set; } = 20_000;

    public string? Data { get; private set; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out SampleOptions? options, [NotNullWhen(false)] out string? message)
    {
        options = null;
        message = Usage;
        var read = new SampleOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            switch (args[i])
            {
                case "--help":
                    return false;
                case "--rows" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var rows) && rows is >= 1 and <= 5_000_000:
                    read.Rows = rows;
                    break;
                case "--data" when i + 1 < args.Length && args[i + 1].Length > 0:
                    read.Data = args[i + 1];
                    break;
                default:
                    message = $"'{string.Join(' ', args.Skip(i).Take(2))}' is not understood.{Environment.NewLine}{Usage}";
                    return false;
            }
        }

        options = read;
        return true;
    }
}
