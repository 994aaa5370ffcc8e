//! `agentdata import` and `agentdata export`: embeddings in and out of a file, with their progress on a
//! terminal.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use tokio::io::{AsyncBufRead, BufReader as AsyncBufReader};

use super::Database;
use crate::{
    auth::{client, store::tenant_id},
    datasets::{model::Dataset, store::find},
    db::{Db, TenantId},
    embeddings::{
        batch::Writer,
        export::{self, Export},
        import::{Import, Interrupted, Progress},
        model::OnConflict,
        provider::Provider,
    },
    settings::{DataSettings, ProviderSettings},
    telemetry,
    values::Id,
};

/// How long an import waits for a pipe.
const PATIENCE: Duration = Duration::from_secs(365 * 86_400);
/// How often the progress is drawn.
const TICK: Duration = Duration::from_millis(250);

/// Which dataset.
#[derive(Debug, Args)]
pub struct DatasetArgs {
    /// Id of the dataset.
    dataset: Id,
    /// Tenant whose it is.
    #[arg(long, default_value = client::DEFAULT_TENANT)]
    tenant: String,
}

/// What to import.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The dataset.
    #[command(flatten)]
    dataset: DatasetArgs,
    /// File of JSON objects on lines, each with `content`, and if it has them `embedding`, `metadata` and
    /// `id`; `-` for standard input.
    file: PathBuf,
    /// Replace embeddings whose ids are there with another content, instead of stopping.
    #[arg(long)]
    update: bool,
}

/// What to export.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The dataset.
    #[command(flatten)]
    dataset: DatasetArgs,
    /// File to write; `-` for standard output. While it is written it has `.part` behind its name.
    file: PathBuf,
}

/// The database of a command, and the dataset in it.
struct Place {
    db: Db,
    tenant: TenantId,
    dataset: Dataset,
}

impl Place {
    async fn open(
        database: &Database,
        data: &DataSettings,
        args: &DatasetArgs,
    ) -> anyhow::Result<Self> {
        let db = Db::new(database.connector.clone(), data.bounds())?;
        let connection = db.shared().await?;
        let tenant = tenant_id(&connection, &args.tenant).await?;
        let dataset = find(&connection, tenant, args.dataset).await?;
        let Some(dataset) = dataset else {
            bail!("the tenant `{}` has no such dataset", args.tenant);
        };
        Ok(Self {
            db,
            tenant,
            dataset,
        })
    }
}

/// Stores the embeddings of a file. Whatever ends it early, the same command goes on: what is there
/// already stays.
pub async fn import(
    data: &DataSettings,
    provider: &ProviderSettings,
    args: &ImportArgs,
) -> anyhow::Result<()> {
    telemetry::start_log(&data.log, data.log_format)?;
    let provider = Provider::new(provider)?;
    let (lines, bytes) = open(&args.file).await?;
    let database = Database::open(data, false).await?;
    let work = async {
        let place = Place::open(&database, data, &args.dataset).await?;
        let on_conflict = if args.update {
            OnConflict::Update
        } else {
            OnConflict::Refuse
        };
        let import = Import {
            writer: Writer {
                db: &place.db,
                provider: provider.as_ref(),
                tenant: place.tenant,
                dataset: place.dataset.id,
                on_conflict,
            },
            patience: PATIENCE,
        };
        let bar = bar(bytes, "{bytes} of {total_bytes}")?;
        let started = Instant::now();
        let mut reached = Progress::default();
        let ended = {
            let run = import.run(lines, |progress| {
                reached = progress;
                bar.set_position(progress.bytes);
                bar.set_message(rate(progress.count, started));
            });
            tokio::select! {
                ended = run => Some(ended),
                _ = tokio::signal::ctrl_c() => None,
            }
        };
        bar.finish_and_clear();
        place.db.close().await;
        Ok((ended, reached, rate(reached.count, started)))
    };
    let result = work.await;
    let (ended, reached, rate) = database.during(async { result }).await?;
    println!("embeddings  {rate}");
    println!("new         {}", reached.stored);
    match ended {
        Some(Ok(_)) => Ok(()),
        Some(Err(Interrupted { error, .. })) => {
            bail!("{} Run it again to go on.", error.detail())
        }
        None => bail!("interrupted; run it again to go on"),
    }
}

/// Writes the embeddings of a dataset into a file. What an interrupted export has written is not written
/// again.
pub async fn export(data: &DataSettings, args: &ExportArgs) -> anyhow::Result<()> {
    telemetry::start_log(&data.log, data.log_format)?;
    let to_stdout = args.file == Path::new("-");
    if !to_stdout && args.file.exists() {
        bail!("{} is there already", args.file.display());
    }
    let part = PathBuf::from(format!("{}.part", args.file.display()));
    let (mut out, written): (Box<dyn Write>, Written) = if to_stdout {
        (Box::new(std::io::stdout().lock()), Written::default())
    } else {
        let (file, written) = go_on(&part)?;
        (Box::new(BufWriter::new(file)), written)
    };
    let database = Database::open(data, false).await?;
    let work = async {
        let place = Place::open(&database, data, &args.dataset).await?;
        let count = u64::try_from(place.dataset.embedding_count).unwrap_or_default();
        let export = Export {
            db: place.db.clone(),
            tenant: place.tenant,
            dataset: place.dataset,
            filter: None,
        };
        let bar = bar(Some(count), "{pos} of {len}")?;
        bar.set_position(written.count);
        let (mut after, mut done, started) = (written.last, 0, Instant::now());
        loop {
            let page = export.page(after).await?;
            let lines = export::text(&page.items).map_err(anyhow::Error::msg)?;
            out.write_all(&lines)?;
            done += page.items.len() as u64;
            bar.set_position(written.count + done);
            bar.set_message(rate(done, started));
            match page.items.last().filter(|_| page.more) {
                Some(last) => after = Some(last.id),
                None => break,
            }
        }
        out.flush()?;
        bar.finish_and_clear();
        place.db.close().await;
        Ok(rate(done, started))
    };
    let result = work.await;
    let rate = database.during(async { result }).await?;
    if !to_stdout {
        std::fs::rename(&part, &args.file).context("the file cannot get its name")?;
        println!("embeddings  {rate}");
    }
    Ok(())
}

type Lines = Box<dyn AsyncBufRead + Unpin>;

/// The lines of a file, and of how many bytes it is.
async fn open(file: &Path) -> anyhow::Result<(Lines, Option<u64>)> {
    const BUFFER: usize = 256 * 1024;
    if file == Path::new("-") {
        let lines = AsyncBufReader::with_capacity(BUFFER, tokio::io::stdin());
        return Ok((Box::new(lines), None));
    }
    let opened = tokio::fs::File::open(file).await;
    let opened = opened.with_context(|| format!("{} cannot be read", file.display()))?;
    let bytes = opened.metadata().await?.len();
    Ok((
        Box::new(AsyncBufReader::with_capacity(BUFFER, opened)),
        Some(bytes),
    ))
}

/// What an interrupted export has written.
#[derive(Default)]
struct Written {
    count: u64,
    last: Option<Id>,
}

#[derive(Deserialize)]
struct Named {
    id: Id,
}

/// The file of an export, behind its last whole line.
fn go_on(part: &Path) -> anyhow::Result<(File, Written)> {
    let cannot = || format!("{} cannot be written", part.display());
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(part)
        .with_context(cannot)?;
    let (mut written, mut end) = (Written::default(), 0);
    let (mut last, mut line) = (Vec::new(), Vec::new());
    let mut lines = BufReader::new(file);
    loop {
        line.clear();
        let read = lines.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            break;
        }
        written.count += 1;
        end += read as u64;
        std::mem::swap(&mut last, &mut line);
    }
    if written.count > 0 {
        let named: Named = serde_json::from_slice(&last)
            .with_context(|| format!("{} is no export", part.display()))?;
        written.last = Some(named.id);
    }
    let mut file = lines.into_inner();
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    Ok((file, written))
}

/// A bar on standard error, if that is a terminal.
fn bar(length: Option<u64>, reached: &str) -> anyhow::Result<ProgressBar> {
    let (bar, template) = match length {
        Some(length) => (
            ProgressBar::new(length),
            format!("{{wide_bar}} {reached}  {{msg}}  {{eta}} left"),
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {bytes}  {msg}".into(),
        ),
    };
    bar.set_style(ProgressStyle::with_template(&template)?);
    bar.enable_steady_tick(TICK);
    Ok(bar)
}

fn rate(count: u64, started: Instant) -> String {
    let rate = count as f64 / started.elapsed().as_secs_f64().max(1e-3);
    format!("{count} ({rate:.0}/s)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_export_goes_on_behind_its_last_whole_line() {
        let directory = tempfile::tempdir().unwrap();
        let part = directory.path().join("file.part");
        let (_, nothing) = go_on(&part).unwrap();
        assert_eq!((nothing.count, nothing.last), (0, None));
        let id = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";
        let whole = format!(
            "{{\"id\":\"{}\"}}\n{{\"id\":\"{id}\",\"content\":\"c\"}}\n",
            Id::new()
        );
        std::fs::write(&part, format!("{whole}{{\"id\":\"0193")).unwrap();
        let (mut file, written) = go_on(&part).unwrap();
        assert_eq!(
            (written.count, written.last),
            (2, Some(id.parse().unwrap()))
        );
        file.write_all(b"more\n").unwrap();
        let text = std::fs::read_to_string(&part).unwrap();
        assert_eq!(text, format!("{whole}more\n"));
        std::fs::write(&part, "something else\n").unwrap();
        assert!(go_on(&part).is_err());
    }
}
