using Npgsql;
using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>A real PostgreSQL for the tests of one class.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly List<NpgsqlDataSource> _sources = [];
    private int _tables;

    public PostgresServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await PostgresServer.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    public string NextTable() => $"rows_{Interlocked.Increment(ref _tables)}";

    public NpgsqlDataSource Source()
    {
        // Short enough that a killed server is noticed within a test.
        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Server.ConnectionString) { Timeout = 5, CommandTimeout = 20 });
        _sources.Add(source);
        return source;
    }

    public SqlStore<string, string> Store(string table, Action<SqlStoreOptions<string, string>>? configure = null)
    {
        var options = new SqlStoreOptions<string, string> { Table = table, Value = ValueFormat.Text, Dialect = SqlDialect.PostgreSql };
        configure?.Invoke(options);
        return new SqlStore<string, string>(Source(), options);
    }
}
