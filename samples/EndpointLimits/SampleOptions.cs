using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EndpointLimits;

/// <summary>What was typed.</summary>
internal sealed class SampleOptions
{
    private const string Usage = """
        A web application with a limit for each endpoint, and the clients that try to get more out of it. Needs no server.
          --seconds N         how long the clients try, from 2 to 3,600 (15)
          --window S          length of every window in seconds, from 1 to 3,600 (5; with --serve as in limits.json: 60)
          --redis HOST:PORT   two nodes share the limits in this Redis (one node, limits in its memory)
          --serve             no clients: stay up, print lines for curl and follow every change of limits.json
        """;

    public TimeSpan Duration { get; private set; } = TimeSpan.FromSeconds(15);

    /// <summary>Null: as the table says.</summary>
    public TimeSpan? Window { get; private set; }

    public string? Redis { get; private set; }

    public bool Serves { get; private set; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out SampleOptions? options, [NotNullWhen(false)] out string? message)
    {
        options = null;
        message = Usage;
        var read = new SampleOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--help":
                    return false;
                case "--serve":
                    read.Serves = true;
                    continue;
                case "--seconds" when IsSeconds(value, 2, out var seconds):
                    read.Duration = seconds;
                    break;
                case "--window" when IsSeconds(value, 1, out var window):
                    read.Window = window;
                    break;
                case "--redis" when value.Split(':') is [{ Length: > 0 }, var port] && ushort.TryParse(port, CultureInfo.InvariantCulture, out _):
                    read.Redis = value;
                    break;
                default:
                    message = $"'{string.Join(' ', args.Skip(i).Take(2))}' is not understood.{Environment.NewLine}{Usage}";
                    return false;
            }

            i++;
        }

        read.Window ??= read.Serves ? null : TimeSpan.FromSeconds(5);
        options = read;
        return true;
    }

    private static bool IsSeconds(string text, int least, out TimeSpan time)
    {
        var isRead = int.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds >= least && seconds <= 3_600;
        time = TimeSpan.FromSeconds(isRead ? seconds : 0);
        return isRead;
    }
}
