using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace WaitingRoom;

/// <summary>What was typed.</summary>
internal sealed class SampleOptions
{
    private const string Usage = """
        More people than seats, on real WebSockets: everybody sees the own place in the line. With Redis two servers share the seats, and one of them is killed.
          --seconds N         how long it goes on, from 4 to 3,600 (20)
          --people N          how many want a seat, from 40 to 5,000 (60); there are 12
          --redis HOST:PORT   two servers, each a process of its own, share the seats in this Redis (one server, seats in its memory)
        """;

    public TimeSpan Duration { get; private set; } = TimeSpan.FromSeconds(20);

    public int People { get; private set; } = 60;

    public string? Redis { get; private set; }

    /// <summary>This process is one of the servers: the program starts itself so.</summary>
    public bool IsNode { get; private set; }

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
                case "--node":
                    read.IsNode = true;
                    continue;
                case "--seconds" when IsNumber(value, 4, 3_600, out var seconds):
                    read.Duration = TimeSpan.FromSeconds(seconds);
                    break;
                case "--people" when IsNumber(value, 40, 5_000, out var people):
                    read.People = people;
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

        options = read;
        return true;
    }

    private static bool IsNumber(string text, int least, int most, out int number) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;
}
