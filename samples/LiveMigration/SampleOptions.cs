using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace LiveMigration;

/// <summary>What was typed.</summary>
internal sealed class SampleOptions
{
    private const string Usage = """
        Rows move from one SQLite file to another while four writers change them. The process that does it is killed twice (SIGKILL), and another one
        goes on. At the end every row is compared with what the writers were told.
          --rows N           rows, from 100 to 10,000,000 (200,000)
          --postgres CONN    the new store is this PostgreSQL, in a table of its own that is dropped at the end (a second SQLite file)
          --data DIR         where the SQLite files stay (a temporary folder, deleted at the end); by hand, a migration that stands there goes on
          --by-hand          you give the commands: status, advance, back, backfill, verify, repair, pause, resume, off, on, quit
        """;

    public int Rows { get; private set; } = 200_000;

    public string? Postgres { get; private set; }

    public string? Data { get; private set; }

    public bool ByHand { get; private set; }

    /// <summary>Where the worker process works; null in the process that one starts.</summary>
    public Place? Worker { get; private set; }

    /// <summary>The how-many-eth worker this is: two of them never write the same value.</summary>
    public int Life { get; private set; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out SampleOptions? options, [NotNullWhen(false)] out string? message)
    {
        (options, message) = (null, Usage);
        var read = new SampleOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--help":
                    return false;
                case "--by-hand":
                    read.ByHand = true;
                    continue;
                case "--rows" when int.TryParse(value, CultureInfo.InvariantCulture, out var rows) && rows is >= 100 and <= 10_000_000:
                    read.Rows = rows;
                    break;
                case "--postgres" when value.Length > 0:
                    read.Postgres = value;
                    break;
                case "--data" when value.Length > 0:
                    read.Data = value;
                    break;
                case "--worker" when read.Data is not null && value.Length > 0:
                    read.Worker = new Place(read.Data, read.Postgres, value);
                    break;
                case "--life" when int.TryParse(value, CultureInfo.InvariantCulture, out var life):
                    read.Life = life;
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
}
