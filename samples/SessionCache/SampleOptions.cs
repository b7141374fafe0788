using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SessionCache;

/// <summary>What was typed.</summary>
internal sealed class SampleOptions
{
    private const string Usage = """
        Two nodes share sessions. The line of node B is cut while users log out on node A, and mended again: how long does B let them in?
          --users N           who logs out during the cut, from 1 to 1,000 (20)
          --redis HOST:PORT   what the nodes share is this Redis, and B's line a relay before it (memory of this process)
        """;

    public int Users { get; private set; } = 20;

    public string? Redis { get; private set; }

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
                case "--users" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var users) && users is >= 1 and <= 1_000:
                    read.Users = users;
                    break;
                case "--redis" when i + 1 < args.Length && args[i + 1].Split(':') is [{ Length: > 0 }, var port] && ushort.TryParse(port, CultureInfo.InvariantCulture, out _):
                    read.Redis = args[i + 1];
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
