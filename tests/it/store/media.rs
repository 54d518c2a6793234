//! Files in the database.

use whatsmassive::domain::media::{MediaFile, MediaKind};

use super::{
    bench::{Bench, at, audit},
    on_both,
};

fn pdf(text: &str) -> MediaFile {
    MediaFile::to_send("estado.pdf", format!("%PDF-1.7 {text}").into_bytes()).unwrap()
}

on_both! {
    async fn the_same_file_twice_is_one_file(bench: Bench) {
        let first = bench.store.add_media(&pdf("a"), at(0), audit()).await.unwrap();
        let again = bench.store.add_media(&pdf("a"), at(1), audit()).await.unwrap();
        let other = bench.store.add_media(&pdf("b"), at(2), audit()).await.unwrap();
        assert_eq!(again, first);
        assert_ne!(other.id, first.id);
        assert_eq!((first.kind, first.size, first.file_name.as_str()), (MediaKind::Document, 10, "estado.pdf"));
        assert_eq!(bench.store.media(first.id).await.unwrap().unwrap(), first);
        assert_eq!(bench.store.media_file(other.id).await.unwrap().unwrap(), pdf("b"));
    }

    async fn all_of_sixteen_megabytes_comes_back(bench: Bench) {
        let mut content = b"%PDF-1.7 ".to_vec();
        content.extend((0..16 * 1024 * 1024 - content.len()).map(|index| index.to_le_bytes()[0]));
        let file = MediaFile::to_send("grande.pdf", content).unwrap();
        let kept = bench.store.add_media(&file, at(0), audit()).await.unwrap();
        assert!(bench.store.media_file(kept.id).await.unwrap().unwrap() == file);
    }
}
